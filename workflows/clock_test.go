package workflows_test

import (
	"testing"
	"time"

	"chancery/envelope"
	"chancery/workflows"
)

// advance puts the envelope's clock forward and lets it know, twice: so it is when
// the one who does so stops before that is written down.
func (s *story) advance(after, by time.Duration) {
	s.at(after, func() { s.records.now(func(r *records) { r.envelope.Ahead += by }) })
	s.tick(after)
	s.tick(after + time.Second)
}

func (s *story) tick(after time.Duration) {
	s.at(after, func() { s.env.UpdateWorkflow(workflows.UpdateClock, after.String(), &listener{s, after.String()}) })
}

// takes tells how long the story took by the real clock.
func (s *story) took() time.Duration { return s.env.Now().Sub(once) }

func reminded() envelope.Envelope {
	e := draft(signer("ann", 1))
	e.Pace = envelope.Pace{First: 4 * day, Every: 4 * day, Most: 3}
	return e
}

func TestWhenTheClockIsPutForwardTheReminderIsWrittenNow(t *testing.T) {
	s := newStory(t, reminded())
	s.advance(time.Hour, 5*day)
	s.at(2*time.Hour, func() {
		if s.wantHeard("invitation ann", "reminder ann"); t.Failed() {
			s.env.CancelWorkflow()
		}
	})
	s.advance(3*time.Hour, 25*day)
	s.wantEnd(envelope.Expired)
	s.wantWhole()
	s.wantHeard("invitation ann", "reminder ann", "expired ann", "expired sender")
	if took := s.took(); took > 4*time.Hour {
		t.Errorf("it took %s", took)
	}
}

func TestBetweenTwoAdvancesTimeGoesOnAsBefore(t *testing.T) {
	s := newStory(t, reminded())
	s.advance(day, 2*day) // the reminder is due when four days have passed, two of them skipped
	s.wantEnd(envelope.Expired)
	s.wantHeard("invitation ann", "reminder ann", "reminder ann", "reminder ann", "expired ann", "expired sender")
	written := s.records.writtenAt("reminder ann")
	if len(written) != 3 || written[0].Sub(once) != 4*day {
		t.Errorf("reminders by the envelope's clock: %v", written)
	}
	if took := s.took(); took < 28*day || took > 28*day+time.Minute {
		t.Errorf("it lived for %s, and two of its thirty days were skipped", took)
	}
}

func TestAnEnvelopeThatIsSentAfterAnAdvanceLivesAsLongAsAnyOther(t *testing.T) {
	e := reminded()
	e.Ahead = 100 * day
	s := newStory(t, e)
	s.wantEnd(envelope.Expired)
	s.wantHeard("invitation ann", "reminder ann", "reminder ann", "reminder ann", "expired ann", "expired sender")
	if took := s.took(); took < 30*day || took > 30*day+time.Minute {
		t.Errorf("it lived for %s", took)
	}
	if sent := s.records.envelope.SentAt.Sub(once); sent != 100*day {
		t.Errorf("by its clock it was sent after %s", sent)
	}
}

func TestWhoIsLateByTheEnvelopesClockIsLate(t *testing.T) {
	s := newStory(t, reminded())
	s.at(time.Hour, func() { s.records.now(func(r *records) { r.envelope.Ahead = 31 * day }) })
	s.sign(2*time.Hour, "ann") // before the workflow knows
	s.tick(3 * time.Hour)
	s.wantEnd(envelope.Expired)
	s.wantRefused("act_ann", "envelope_ended")
}

// Signatures are made at the real time, however far ahead the clock is.
func TestPapersAreSignedAtTheRealTime(t *testing.T) {
	e := reminded()
	e.Ahead = 100 * day
	s := newStory(t, e)
	s.sign(time.Hour, "ann")
	s.wantEnd(envelope.Completed)
	for _, at := range s.papers.times {
		if at.Sub(once) > 2*time.Hour {
			t.Errorf("papers were signed at %s", at)
		}
	}
	if ended := s.records.envelope.EndedAt.Sub(once); len(s.papers.times) != 3 || ended < 100*day {
		t.Errorf("%d signatures, ended after %s", len(s.papers.times), ended)
	}
}

// A team that becomes one of production has no test clock any more.
func TestAClockThatGoesBackToTheRealTimeIsFollowed(t *testing.T) {
	s := newStory(t, reminded())
	s.advance(time.Hour, 2*day)
	s.at(2*time.Hour, func() { s.records.now(func(r *records) { r.envelope.Ahead = 0 }) })
	s.wantEnd(envelope.Expired)
	s.wantHeard("invitation ann", "reminder ann", "reminder ann", "reminder ann", "expired ann", "expired sender")
	if took := s.took(); took < 30*day || took > 30*day+time.Minute {
		t.Errorf("it lived for %s", took)
	}
	if s.records.looks > 100 {
		t.Errorf("the records were asked %d times", s.records.looks)
	}
}

// A step that began before the clock was put forward, and ended after, knows nothing of it.
func TestAnAdvanceBesideALongStepIsNotForgotten(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	s.at(time.Hour, func() { s.papers.now(func(p *papers) { p.away = true }) })
	s.sign(2*time.Hour, "ann")
	s.advance(3*time.Hour, 31*day) // it does not expire while a signature waits for its timestamp
	s.at(4*time.Hour, func() {
		s.records.now(func(r *records) { r.stale = 1 })
		s.papers.now(func(p *papers) { p.away = false })
	})
	s.wantEnd(envelope.Expired)
	if took := s.took(); took > day {
		t.Errorf("it took %s", took)
	}
}
