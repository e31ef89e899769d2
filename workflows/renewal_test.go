package workflows_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/workflow"

	"chancery/envelope"
	"chancery/workflows"
)

const year = 365 * day

// keep plays the years of a finished document.
func keep(t *testing.T, prepare func(*story), until time.Duration) *story {
	t.Helper()
	e := draft(signer("ann", 1))
	e.Status = envelope.Completed
	s := &story{office: newOffice(e), t: t, answers: map[string]reply{}}
	s.stage()
	s.env.SetStartTime(once)
	s.env.SetWorkflowRunTimeout(30 * year)
	s.papers.life = 4 * year
	s.records.newest = envelope.Revision{Document: "doc_1", Number: 4, RenewAt: once.Add(4 * year)}
	if prepare != nil {
		prepare(s)
	}
	s.at(until, s.env.CancelWorkflow)
	s.env.ExecuteWorkflow(workflows.Renewal, workflows.Keeping{Envelope: e.ID, Document: "doc_1"})
	return s
}

func TestAFinishedDocumentIsRenewedForDecades(t *testing.T) {
	s := keep(t, nil, 13*year)
	want := []string{"renew 2035-03-02", "renew 2039-03-01", "renew 2043-02-28"}
	if diff := cmp.Diff(want, s.papers.done); diff != "" {
		t.Error(diff)
	}
	s.wantWhole()
	if s.records.envelope.Status != envelope.Completed || len(s.records.letters) > 0 {
		t.Errorf("the envelope is %s and wrote %d letters", s.records.envelope.Status, len(s.records.letters))
	}
}

func TestARenewalWaitsForTheTimestampThatItNeeds(t *testing.T) {
	s := keep(t, func(s *story) { s.away(3*year, 4*year+10*day) }, 5*year)
	if len(s.papers.done) != 1 || s.papers.done[0] < "renew 2035-03-12" || s.papers.done[0] > "renew 2035-03-13" {
		t.Errorf("what was done: %q", s.papers.done)
	}
}

func TestARenewalWhoseSuccessWasLostIsNotMadeTwice(t *testing.T) {
	s := keep(t, func(s *story) { s.records.forget = 1 }, 5*year)
	if len(s.papers.done) != 1 {
		t.Errorf("what was done: %q", s.papers.done)
	}
}

func TestADocumentWithoutProofsIsLeftAlone(t *testing.T) {
	s := keep(t, func(s *story) { s.records.newest.RenewAt = time.Time{} }, year)
	if len(s.papers.done) > 0 || !s.env.Now().Before(once.Add(day)) {
		t.Errorf("what was done: %q, until %s", s.papers.done, s.env.Now())
	}
}

func TestAFinishedEnvelopeLeavesItsDocumentsToRenewals(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.papers.lasting = true
	var kept []workflows.Keeping
	s.env.OnWorkflow(workflows.RenewalName, mock.Anything, mock.Anything).Return(
		func(_ workflow.Context, k workflows.Keeping) error { kept = append(kept, k); return nil })
	s.sign(time.Hour, "ann")
	s.wantEnd(envelope.Completed)
	if diff := cmp.Diff([]workflows.Keeping{{Envelope: "env_story", Document: "doc_1"}}, kept); diff != "" {
		t.Error(diff)
	}
}
