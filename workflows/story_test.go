package workflows_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
	"chancery/workflows"
)

const day = 24 * time.Hour

// once is when all stories begin: a Monday. It lies ahead of us because the test
// environment measures the retries of local activities by the real clock as well.
var once = time.Date(2031, 3, 3, 9, 0, 0, 0, time.UTC)

var sender = envelope.Actor{Kind: "user", ID: "usr_1", Person: envelope.Person{Name: "Sam Sender", Email: "sam@example.org"}}

func person(name string) envelope.Person {
	return envelope.Person{Name: name, Email: name + "@example.org"}
}

func signer(name string, step int) envelope.Recipient {
	return envelope.Recipient{
		ID: name, Place: name, Person: person(name), Role: envelope.Signer, Step: step,
		Status: envelope.Waiting, LinkVersion: 1,
	}
}

func draft(recipients ...envelope.Recipient) envelope.Envelope {
	return envelope.Envelope{
		ID: "env_story", Team: "tm_1", Status: envelope.Draft, Title: "Lease", Sender: sender.Person,
		Documents:  []envelope.Document{{ID: "doc_1", Name: "lease.pdf", Pages: []envelope.Size{{Width: 595, Height: 842}}}},
		Recipients: recipients, Lifetime: 30 * day,
	}
}

// story plays what people do at which time; months pass in a moment.
type story struct {
	*office
	t       *testing.T
	suite   testsuite.WorkflowTestSuite
	env     *testsuite.TestWorkflowEnvironment
	answers map[string]reply
}

// reply is what somebody was answered, and when.
type reply struct {
	answer envelope.Answer
	err    error
	at     time.Time
}

func newStory(t *testing.T, e envelope.Envelope) *story {
	s := &story{office: newOffice(e), t: t, answers: map[string]reply{}}
	s.stage()
	s.env.SetStartTime(once)
	s.ask(0, workflows.UpdateSend, envelope.ChangeSend, activities.Sending{Envelope: e.ID, By: sender})
	return s
}

// stage sets up an environment of its own for each run of the workflow.
func (s *story) stage() {
	s.env = s.suite.NewTestWorkflowEnvironment()
	s.env.SetTestTimeout(20 * time.Second)
	s.env.RegisterWorkflowWithOptions(workflows.Envelope, workflow.RegisterOptions{Name: workflows.EnvelopeName})
	s.now = s.env.Now
	s.env.RegisterWorkflowWithOptions(workflows.Renewal, workflow.RegisterOptions{Name: workflows.RenewalName})
	s.env.RegisterActivity(s.desk())
}

// play lets the story happen and answers how it ends.
func (s *story) play() envelope.Status {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.Envelope, workflows.Trip{
		Envelope: s.records.envelope.ID, Standing: activities.Standing{Status: envelope.Draft},
	})
	if !s.env.IsWorkflowCompleted() {
		s.t.Fatal("the story has no end")
	}
	var end envelope.Status
	if err := s.env.GetWorkflowResult(&end); err != nil {
		s.t.Fatalf("play the story: %v", err)
	}
	return end
}

// at lets something happen that long after the beginning.
func (s *story) at(after time.Duration, do func()) { s.env.RegisterDelayedCallback(do, after) }

// ask brings a wish to the envelope and remembers the answer under its id.
func (s *story) ask(after time.Duration, update, id string, wish any) {
	s.at(after, func() { s.env.UpdateWorkflow(update, id, &listener{s, id}, wish) })
}

func (s *story) act(after time.Duration, a envelope.Act) {
	a.Envelope = s.records.envelope.ID
	s.ask(after, workflows.UpdateAct, a.ID, a)
}

func (s *story) sign(after time.Duration, who string) {
	s.act(after, envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Sign, Ink: envelope.Ink{Typed: who}})
}

func (s *story) decline(after time.Duration, who string) {
	s.act(after, envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Decline, Reason: "too dear"})
}

// listener hears the answer to one wish.
type listener struct {
	story *story
	id    string
}

func (l *listener) Accept() {}

func (l *listener) Reject(err error) {
	l.story.answers[l.id] = reply{err: activities.Problem(err), at: l.story.env.Now()}
}

func (l *listener) Complete(success any, err error) {
	answer, _ := success.(envelope.Answer)
	l.story.answers[l.id] = reply{answer, activities.Problem(err), l.story.env.Now()}
}

func (s *story) wantEnd(want envelope.Status) {
	s.t.Helper()
	if got := s.play(); got != want {
		s.t.Errorf("it ended %s, want %s", got, want)
	}
	if s.records.envelope.Status != want {
		s.t.Errorf("the records say %s, want %s", s.records.envelope.Status, want)
	}
}

func (s *story) wantHeard(want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.heard()); diff != "" {
		s.t.Errorf("letters (-want +got):\n%s", diff)
	}
}

func (s *story) wantRefused(id, code string) {
	s.t.Helper()
	got, asked := s.answers[id]
	if !asked || !problem.Has(got.err, code) {
		s.t.Errorf("%s was answered %v, want %s", id, got.err, code)
	}
	if slices.Contains(s.records.changes, id) {
		s.t.Errorf("%s was refused and left something behind", id)
	}
}

func (s *story) wantGranted(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		if got, asked := s.answers[id]; !asked || got.err != nil {
			s.t.Errorf("%s was answered (asked %v) %v, want no error", id, asked, got.err)
		}
	}
}

// wantWhole checks what holds at the end of every story.
func (s *story) wantWhole() {
	s.t.Helper()
	for i, e := range s.records.events {
		if e.Sequence != int64(i+1) {
			s.t.Errorf("event %d has sequence %d", i+1, e.Sequence)
		}
	}
	for _, id := range s.records.changes {
		if n := count(s.records.changes, id); n != 1 {
			s.t.Errorf("change %s was made %s times", id, strconv.Itoa(n))
		}
	}
}

func count(all []string, one string) int {
	n := 0
	for _, s := range all {
		if s == one {
			n++
		}
	}
	return n
}
