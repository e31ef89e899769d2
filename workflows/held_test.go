package workflows_test

import (
	"slices"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/workflows"
)

// away lets the time-stamping authorities be out of reach for a while.
func (s *story) away(from, to time.Duration) {
	s.at(from, func() { s.papers.now(func(p *papers) { p.away = true }) })
	s.at(to, func() { s.papers.now(func(p *papers) { p.away = false }) })
}

// why notes what the envelope says it waits for at that time.
func (s *story) why(after time.Duration, into *string) {
	s.at(after, func() { *into = s.records.envelope.Outlook().Why })
}

func TestASignatureWaitsForItsTimestampAndThePersonDoesNot(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.away(time.Minute, 5*time.Hour)
	s.sign(time.Hour, "ann")
	s.sign(2*time.Hour, "ann") // a double click
	var why string
	s.why(2*time.Hour, &why)
	s.sign(6*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_ann", "act_bob")
	if got := s.answers["act_ann"]; got.answer.Recipient != envelope.Signing || got.at.Sub(once) > 3*time.Hour {
		t.Errorf("ann was told %v after %s", got.answer, got.at.Sub(once))
	}
	if want := "It waits for a time-stamping authority, which is asked again and again; the signature is kept until then."; why != want {
		t.Errorf("it said %q", why)
	}
	if ann, _ := s.records.envelope.Recipient("ann"); ann.ActedAt.Sub(once) != time.Hour {
		t.Errorf("ann acted after %s", ann.ActedAt.Sub(once))
	}
	s.wantHeard("invitation ann", "invitation bob", "completion ann", "completion bob", "completion sender")
}

func TestTheSealWaitsForItsTimestampAndSaysSo(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.sign(time.Hour, "ann")
	s.at(59*time.Minute, func() { s.papers.now(func(p *papers) { p.unsealed = 1000 }) })
	s.at(61*time.Minute, func() { s.papers.now(func(p *papers) { p.unsealed, p.away = 0, true }) })
	s.at(9*time.Hour, func() { s.papers.now(func(p *papers) { p.away = false }) })
	var why string
	s.why(8*time.Hour, &why)
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	if why != "Everybody has acted; the seal waits for a time-stamping authority, which is asked again and again." {
		t.Errorf("it said %q", why)
	}
	if took := s.records.envelope.EndedAt.Sub(once); took < 9*time.Hour || took > 10*time.Hour {
		t.Errorf("it was sealed after %s", took)
	}
	if s.records.envelope.Awaits != "" {
		t.Error("it still says that it waits")
	}
	s.wantHeard("invitation ann", "completion ann", "completion sender")
}

func TestASealWaitsForEvidenceToo(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.at(time.Minute, func() { s.papers.now(func(p *papers) { p.silent = true }) })
	s.sign(time.Hour, "ann")
	s.at(9*time.Hour, func() { s.papers.now(func(p *papers) { p.silent = false }) })
	var why string
	s.why(8*time.Hour, &why)
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	if why != "Everybody has acted; the seal waits for an authority to confirm that the certificates are still good, which is asked again and again." {
		t.Errorf("it said %q", why)
	}
}

func TestOthersActAndTheSenderVoidsWhileASignatureWaits(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1), signer("cat", 1)))
	s.away(time.Minute, 100*day)
	s.sign(time.Hour, "ann")
	s.sign(2*time.Hour, "bob")
	s.ask(day, workflows.UpdateVoid, "void_1", envelope.Void{ID: "void_1", By: sender, Reason: "wrong file"})
	s.wantEnd(envelope.Voided)
	s.wantWhole()
	s.wantGranted("act_ann", "act_bob", "void_1")
}

func TestASignatureGivenInTimeCountsAfterTheDeadline(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.away(time.Minute, 40*day) // the envelope lives for thirty
	s.sign(29*day, "ann")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_ann")
}

func TestAnEnvelopeExpiresOnceNoSignatureWaitsAnyMore(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	s.away(time.Minute, 40*day)
	s.sign(29*day, "ann")
	s.wantEnd(envelope.Expired)
	s.wantWhole()
	if ann, _ := s.records.envelope.Recipient("ann"); ann.Status != envelope.Signed {
		t.Errorf("ann is %s", ann.Status)
	}
}

func TestBothSignaturesOfAQuorumOfOneAreKept(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 1))
	e.Quorums = []envelope.Quorum{{Step: 1, Need: 1}}
	s := newStory(t, e)
	s.away(time.Minute, 5*time.Hour)
	s.sign(time.Hour, "ann")
	s.sign(time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	for _, who := range []string{"sign ann", "sign bob"} {
		if !slices.Contains(s.papers.done, who) {
			t.Errorf("nobody did %q", who)
		}
	}
}

func TestAHeldSignatureOfWhichTheWorkflowNeverHeardIsMadeOnceItIsWoken(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	act := envelope.Act{ID: "act_ann", Envelope: "env_1", Recipient: "ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "ann"}}
	s.lost(time.Hour, func(e envelope.Envelope) (envelope.Change, error) { return e.Hold(act, once.Add(time.Hour)) })
	s.wake(2 * time.Hour)
	s.wantEnd(envelope.Completed)
	s.wantWhole()
}

func TestADraftIsNotSentWithoutATimestamp(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.papers.away = true
	s.wantEnd(envelope.Draft)
	s.wantRefused("send", envelope.TimestampAway)
}
