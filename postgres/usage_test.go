package postgres_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/postgres/postgrestest"
	"chancery/problem"
	"chancery/team"
)

// production is a scene whose draft is one in earnest, under a plan of so many
// documents a month; 0 is none, and below is no subscription.
func production(t *testing.T, monthly int) scene {
	t.Helper()
	s := newScene(t)
	s.owner(t, `update teams set kind = 'production' where id = $1`, s.team.ID)
	if monthly == 0 {
		must(t, s.GrantFairUse(ctx, s.team.Organisation))
	}
	if monthly > 0 {
		s.owner(t, `insert into subscriptions (organisation_id, plan, monthly_documents, since) values ($1, 'small', $2, now())`, s.team.Organisation, monthly)
	}
	s.draft = s.earnest(t)
	return s
}

// earnest is a new draft that is no test.
func (s scene) earnest(t *testing.T) envelope.Envelope {
	t.Helper()
	draft := s.newDraft(t, s.team)
	s.owner(t, `update envelopes set test = false where id = $1`, draft.ID)
	return s.read(t, draft.ID)
}

func (s scene) owner(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := postgrestest.Connect(t, s.database.OwnerURL).Exec(ctx, statement, args...)
	must(t, err)
}

func (s scene) trySend(t *testing.T, draft envelope.Envelope) error {
	t.Helper()
	change, err := draft.Send(sam, envelope.Origin{}, noon)
	must(t, err)
	change.Revisions = []envelope.Revision{revision(draft, 1)}
	return s.Commit(ctx, change)
}

// mustHaveUsed compares what this month's usage says, in both of its tables.
func (s scene) mustHaveUsed(t *testing.T, want team.Usage) {
	t.Helper()
	want.Team, want.Name = s.team.ID, s.team.Name
	got, err := s.Usage(ctx, s.team.Organisation, time.Now())
	must(t, err)
	if diff := cmp.Diff([]team.Usage{want}, got); diff != "" {
		t.Error(diff)
	}
	var month int
	must(t, postgrestest.Connect(t, s.database.OwnerURL).QueryRow(ctx,
		`select coalesce(sum(documents), 0) from usage_months where organisation_id = $1`, s.team.Organisation).Scan(&month))
	if month != want.Documents {
		t.Errorf("the month has %d documents, want %d", month, want.Documents)
	}
}

func TestOfFiftySendingsAtOnceAPlanOfTwentyLetsTwenty(t *testing.T) {
	s := production(t, 20)
	drafts := make([]envelope.Envelope, 50)
	for i := range drafts {
		drafts[i] = s.earnest(t)
	}
	sent := 0
	for i, err := range atOnce(len(drafts), func(i int) error { return s.trySend(t, drafts[i]) }) {
		switch {
		case err == nil:
			sent++
		case !problem.Has(err, "plan_limit_reached"):
			t.Error(err)
		default:
			if diff := cmp.Diff(drafts[i], s.read(t, drafts[i].ID)); diff != "" {
				t.Errorf("a refused draft has changed: %s", diff)
			}
		}
	}
	if sent != 20 {
		t.Errorf("%d were sent", sent)
	}
	s.mustHaveUsed(t, team.Usage{Envelopes: 20, Documents: 20})
}

func TestWhatThePlanHadNoRoomForIsSentNextMonth(t *testing.T) {
	s := production(t, 1)
	must(t, s.trySend(t, s.earnest(t)))
	mustBe(t, s.MaySend(ctx, s.draft), "plan_limit_reached")
	mustBe(t, s.trySend(t, s.draft), "plan_limit_reached")
	s.owner(t, `update usage_months set month = month - interval '1 month'`)
	s.owner(t, `update usage set at = at - interval '1 month'`)
	must(t, s.MaySend(ctx, s.draft))
	must(t, s.trySend(t, s.draft))
	must(t, s.trySend(t, s.draft)) // the same change: done already
	s.owner(t, `delete from usage_months where month < date_trunc('month', now())`)
	s.mustHaveUsed(t, team.Usage{Envelopes: 1, Documents: 1})
}

func TestAnEnvelopeWithMoreDocumentsThanAWholePlanIsRefusedToo(t *testing.T) {
	s := production(t, 1)
	s.draft.Documents = append(s.draft.Documents, s.newDraft(t, s.team).Documents...)
	mustBe(t, s.trySend(t, s.draft), "plan_limit_reached")
	s.mustHaveUsed(t, team.Usage{})
}

func TestProductionNeedsASubscriptionThatIsGoodToday(t *testing.T) {
	s := production(t, -1)
	mustBe(t, s.MaySend(ctx, s.draft), "subscription_needed")
	mustBe(t, s.trySend(t, s.draft), "subscription_needed")
	must(t, s.GrantFairUse(ctx, s.team.Organisation))
	s.owner(t, `update subscriptions set until = now()`)
	must(t, s.GrantFairUse(ctx, s.team.Organisation)) // what the operator has ended stays ended
	mustBe(t, s.trySend(t, s.draft), "subscription_needed")
	s.mustHaveUsed(t, team.Usage{})
	s.owner(t, `update subscriptions set until = null`)
	must(t, s.trySend(t, s.draft))
	s.mustHaveUsed(t, team.Usage{Envelopes: 1, Documents: 1})
}

func TestTestsAreFreeAndCountedApart(t *testing.T) {
	s := newScene(t)
	must(t, s.MaySend(ctx, s.draft))
	s.send(t, s.draft)
	s.mustHaveUsed(t, team.Usage{TestEnvelopes: 1, TestDocuments: 1})
}

func TestASendingFiftyTimesAtOnceIsCountedOnce(t *testing.T) {
	s := production(t, 20)
	for _, err := range atOnce(50, func(int) error { return s.trySend(t, s.draft) }) {
		if err != nil && !problem.Has(err, "envelope_changed") {
			t.Error(err)
		}
	}
	s.mustHaveUsed(t, team.Usage{Envelopes: 1, Documents: 1})
}

func TestUsageIsReadByASpreadsheet(t *testing.T) {
	var sheet bytes.Buffer
	must(t, team.WriteUsage(&sheet, noon, []team.Usage{
		{Team: "tm_1", Name: "Sales, north", Envelopes: 3, Documents: 4}, {Team: "tm_2", Name: "=cmd|'/C calc'!A0", TestEnvelopes: 1, TestDocuments: 2},
	}))
	want := "month,team,name,envelopes,documents,test_envelopes,test_documents\r\n" +
		"2026-03,tm_1,\"Sales, north\",3,4,0,0\r\n2026-03,tm_2,'=cmd|'/C calc'!A0,0,0,1,2\r\n"
	if diff := cmp.Diff(want, sheet.String()); diff != "" {
		t.Error(diff)
	}
}
