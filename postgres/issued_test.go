package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/postgres/postgrestest"
)

// digest is a file's digest, told apart by its last digit.
func digest(n string) string { return strings.Repeat("0", 63) + n }

func TestAFileThatWasGivenOutIsKnownAgain(t *testing.T) {
	s := newScene(t)
	change, err := s.draft.Send(sam, envelope.Origin{}, noon)
	must(t, err)
	first := revision(s.draft, 1)
	first.SHA256 = digest("1")
	change.Revisions = []envelope.Revision{first}
	must(t, s.Commit(ctx, change))
	must(t, s.NoteIssued(ctx, s.draft.ID, digest("2"), noon.Add(time.Hour)))
	must(t, s.NoteIssued(ctx, s.draft.ID, digest("2"), noon.Add(2*time.Hour)))
	found, err := s.Issued(ctx, []string{digest("0"), digest("1"), digest("2")})
	must(t, err)
	want := map[string]envelope.Issue{
		digest("1"): {Revision: 1, At: noon, Test: true},
		digest("2"): {Trail: true, At: noon.Add(time.Hour), Final: true, Test: true},
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
}

func TestTheNewestRevisionOfACompletedEnvelopeIsFinal(t *testing.T) {
	s := newScene(t)
	sent := s.send(t, s.draft) // revision 1
	for i, r := range sent.Recipients {
		change, err := s.read(t, sent.ID).Record(envelope.Act{ID: "act_" + r.ID, Envelope: sent.ID, Recipient: r.ID, Kind: envelope.Sign, Ink: envelope.Ink{Typed: "me"}}, noon.Add(time.Hour))
		must(t, err)
		grown := revision(sent, i+2)
		grown.SHA256 = digest(string(rune('2' + i)))
		change.Revisions = []envelope.Revision{grown}
		must(t, s.Commit(ctx, change))
	}
	sealed, err := s.read(t, sent.ID).Complete(noon.Add(2 * time.Hour))
	must(t, err)
	last := revision(sent, 4)
	last.SHA256 = digest("4")
	sealed.Revisions = []envelope.Revision{last}
	must(t, s.Commit(ctx, sealed))
	found, err := s.Issued(ctx, []string{digest("3"), digest("4")})
	must(t, err)
	if found[digest("3")].Final || !found[digest("4")].Final || found[digest("4")].Revision != 4 {
		t.Errorf("found %+v", found)
	}
}

func TestRevisionsOfBeforeAreNotedOnce(t *testing.T) {
	s := newScene(t)
	s.send(t, s.draft)
	_, err := postgrestest.Connect(t, s.database.OwnerURL).Exec(ctx, `delete from issued`)
	must(t, err)
	for _, want := range []int{1, 0} {
		if n, err := s.FillIssued(ctx, 100); err != nil || n != want {
			t.Errorf("%d were noted, want %d: %v", n, want, err)
		}
	}
	found, err := s.Issued(ctx, []string{"cd34"})
	if err != nil || found["cd34"].Revision != 1 {
		t.Errorf("found %+v: %v", found, err)
	}
}
