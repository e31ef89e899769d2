package postgres_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/team"
)

// recognised is a request by a key of a new team, which the store has recognised.
func (s scene) recognised(t *testing.T) (context.Context, team.Team) {
	t.Helper()
	own := s.newTeam(t)
	_, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
	must(t, err)
	must(t, s.CreateKey(ctx, team.Key{ID: id.New(id.Key), Team: own.ID}, hash))
	request := postgres.Guard(ctx)
	_, err = s.TeamByKey(request, hash)
	must(t, err)
	return request, own
}

// tables are all that have rows of a team, by the column that says of which.
func tables(t *testing.T, root *pgx.Conn) map[string]string {
	t.Helper()
	rows, err := root.Query(ctx, `
		select table_name from information_schema.columns where table_schema = 'public' and column_name = 'team_id' order by 1`)
	must(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	found := map[string]string{"teams": "id"}
	for _, name := range names {
		found[name] = "team_id"
	}
	return found
}

func TestAStatementThatForgetsTheTeamFindsNothingOfOthers(t *testing.T) {
	s := newScene(t)
	s.writeEverything(t)
	request, own := s.recognised(t)
	root := postgrestest.Connect(t, s.database.RootURL)
	looked, filled := 0, 0
	for table, column := range tables(t, root) {
		var there int
		must(t, root.QueryRow(ctx, fmt.Sprintf(`select count(*) from %s where %s <> $1`, table, column), own.ID).Scan(&there))
		var seen int
		must(t, s.Pool().QueryRow(request, fmt.Sprintf(`select count(*) from %s where %s <> $1`, table, column), own.ID).Scan(&seen))
		if seen > 0 {
			t.Errorf("%s shows %d rows of others", table, seen)
		}
		looked++
		if there > 0 {
			filled++
		}
		if table == "audit_events" { // nobody changes these at all
			continue
		}
		for _, change := range []string{`update %s set %s = %[2]s where %[2]s <> $1`, `delete from %s where %s <> $1`} {
			statement := fmt.Sprintf(change, table, column)
			done, err := s.Pool().Exec(request, statement, own.ID)
			must(t, err)
			if done.RowsAffected() > 0 {
				t.Errorf("%s: %d rows of others", statement, done.RowsAffected())
			}
		}
	}
	t.Logf("0 foreign rows in %d tables, %d of which have some", looked, filled)
	if filled < 14 {
		t.Errorf("only %d tables have rows of others", filled)
	}
}

func TestEveryTableWithRowsOfATeamHasAPolicy(t *testing.T) {
	root := postgrestest.Connect(t, newScene(t).database.RootURL)
	for table := range tables(t, root) {
		var guarded bool
		must(t, root.QueryRow(ctx, `
			select c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)
			  from pg_class c where c.oid = $1::text::regclass`, table).Scan(&guarded))
		if !guarded {
			t.Errorf("table %s shows its rows to everybody", table)
		}
	}
}

func TestARequestIsGivenTheRowsOfWhomItComesFrom(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft)
	request, own := s.recognised(t)

	_, err := s.Envelope(request, sent.ID) // does not compare the team by itself
	mustBe(t, err, "envelope_missing")
	_, err = s.Team(request, own.ID)
	must(t, err)

	_, err = s.Envelope(postgres.Guard(ctx), sent.ID)
	mustBe(t, err, "envelope_missing")

	guest := postgres.Guard(ctx)
	_, err = s.EnvelopeByRecipient(guest, sent.Recipients[0].ID)
	must(t, err)
	_, err = s.Envelope(guest, sent.ID)
	must(t, err)

	if _, err := s.Envelope(ctx, sent.ID); err != nil {
		t.Fatalf("the hub's own work: %v", err)
	}
}

func TestNobodyWritesIntoAnothersTeam(t *testing.T) {
	s := newScene(t)
	request, _ := s.recognised(t)
	_, err := s.Pool().Exec(request, `insert into requests (id, team_id, key_id, at, method, route, status, took_ms) values ('req_1', $1, '', now(), '', '', 200, 0)`, s.team.ID)
	if err == nil {
		t.Fatal("a row of another team was written")
	}
}

func BenchmarkReadingWithTheGuard(b *testing.B) {
	s := newScene(b)
	for name, of := range map[string]context.Context{"own work": ctx, "request": postgres.Guard(ctx)} {
		b.Run(name, func(b *testing.B) {
			_, err := s.EnvelopeByRecipient(of, s.draft.Recipients[0].ID)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Envelope(of, s.draft.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
