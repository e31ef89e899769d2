package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"chancery/postgres"
	"chancery/postgres/postgrestest"
)

func TestMigratingAgainAndAtOnceChangesNothing(t *testing.T) {
	database := postgrestest.New(t)
	for _, err := range atOnce(5, func(int) error { return postgres.Migrate(ctx, database.OwnerURL, postgrestest.Hub) }) {
		must(t, err)
	}
	must(t, database.Open(t).Ready(ctx))
}

func TestAnOwnerWhoIsTheHubTooMayMigrate(t *testing.T) {
	must(t, postgres.Migrate(ctx, postgrestest.New(t).OwnerURL, postgrestest.Owner))
}

func TestAnOlderSchemaIsNotReadyAndANewerOneIs(t *testing.T) {
	database := postgrestest.New(t)
	store, owner := database.Open(t), postgrestest.Connect(t, database.OwnerURL)
	_, err := owner.Exec(ctx, `insert into goose_db_version (version_id, is_applied) values (9999, true)`)
	must(t, err)
	must(t, store.Ready(ctx))
	_, err = owner.Exec(ctx, `delete from goose_db_version where version_id > 0`)
	must(t, err)
	if store.Ready(ctx) == nil {
		t.Fatal("an empty schema counts as ready")
	}
}

func TestTheHubCanOnlyReadAndAddEvidence(t *testing.T) {
	s := newScene(t)
	hub := postgrestest.Connect(t, s.database.URL)
	for _, statement := range []string{
		`update audit_events set kind = 'nothing'`,
		`delete from audit_events`,
		`truncate audit_events cascade`,
		`drop table audit_events cascade`,
		`alter table audit_events disable trigger all`,
		`delete from goose_db_version`,
		`create table mine (id text)`,
	} {
		_, err := hub.Exec(ctx, statement)
		var refused *pgconn.PgError
		if !asError(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s: got %v, want insufficient privilege", statement, err)
		}
	}
	_, err := hub.Exec(ctx, `grant update on audit_events to `+postgrestest.Hub) // a warning, and no right
	must(t, err)
	var rights string
	must(t, hub.QueryRow(ctx, `
		select string_agg(privilege_type, ' ' order by privilege_type)
		  from information_schema.table_privileges
		 where table_name = 'audit_events' and grantee = current_user`).Scan(&rights))
	if rights != "INSERT SELECT" {
		t.Errorf("the hub has %s on audit_events", rights)
	}
}

func TestEveryTableSaysWhatARowIs(t *testing.T) {
	owner := postgrestest.Connect(t, postgrestest.New(t).OwnerURL)
	var mute int
	must(t, owner.QueryRow(ctx, `
		select count(*) from pg_class
		 where relkind = 'r' and relnamespace = 'public'::regnamespace
		   and relname not like 'goose%' and obj_description(oid) is null`).Scan(&mute))
	if mute > 0 {
		t.Errorf("%d tables have no comment", mute)
	}
}
