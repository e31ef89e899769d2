package workflows_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
	"chancery/workflows"
)

func TestTwoSignInTurnAndEverybodyGetsTheResult(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.sign(time.Hour, "ann")
	s.sign(2*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("send", "act_ann", "act_bob")
	s.wantHeard("invitation ann", "invitation bob", "completion ann", "completion bob", "completion sender")
	if diff := cmp.Diff([]string{"certify", "sign ann", "sign bob", "seal"}, s.papers.done); diff != "" {
		t.Error(diff)
	}
	if len(s.hooks.heard) != len(s.records.events) {
		t.Errorf("the endpoint heard %d of %d events", len(s.hooks.heard), len(s.records.events))
	}
}

func TestThirtyDaysPassAndNobodyAnswers(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 2))
	e.Pace = envelope.Pace{First: 7 * day, Every: 14 * day, Most: 2}
	s := newStory(t, e)
	s.wantEnd(envelope.Expired)
	s.wantWhole()
	s.wantHeard("invitation ann", "reminder ann", "reminder ann", "expired ann", "expired sender")
	if ended := s.records.envelope.EndedAt.Sub(once); ended < 30*day || ended > 30*day+time.Minute {
		t.Errorf("it expired after %s", ended)
	}
}

func TestTheSecondWaitsForTheFirst(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.act(time.Hour, envelope.Act{ID: "act_early", Recipient: "bob", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "bob"}})
	s.wantEnd(envelope.Expired)
	s.wantRefused("act_early", "not_your_turn")
	s.wantHeard("invitation ann", "expired ann", "expired sender")
}

func TestThoseWhoSignAtTheSameTimeFollowEachOther(t *testing.T) {
	names := []string{"ann", "bob", "cat", "dan", "eve"}
	var all []envelope.Recipient
	for _, name := range names {
		all = append(all, signer(name, 1))
	}
	s := newStory(t, draft(all...))
	s.papers.slow = 5 * time.Millisecond
	for _, name := range names {
		s.sign(time.Hour, name)
	}
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_ann", "act_bob", "act_cat", "act_dan", "act_eve")
	if s.papers.most != 1 {
		t.Errorf("%d signatures were under way at the same time", s.papers.most)
	}
	if s.records.envelope.Version != 7 || s.records.attempts != 7 {
		t.Errorf("%d changes in %d attempts, want 7 in 7", s.records.envelope.Version, s.records.attempts)
	}
}

func TestADoubleClickIsOneAct(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.sign(time.Hour, "ann")
	s.sign(time.Hour, "ann")
	s.act(2*time.Hour, envelope.Act{ID: "act_other", Recipient: "ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "ann"}})
	s.wantEnd(envelope.Expired)
	s.wantGranted("act_ann")
	s.wantRefused("act_other", "acted_already")
	s.wantHeard("invitation ann", "invitation bob", "expired ann", "expired bob", "expired sender")
}

func TestADeclineEndsIt(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.decline(day, "ann")
	s.wantEnd(envelope.Declined)
	s.wantWhole()
	s.wantHeard("invitation ann", "declined ann", "declined sender")
	if s.records.envelope.Reason != "too dear" {
		t.Errorf("the reason is %q", s.records.envelope.Reason)
	}
}

func TestADeclineDoesNotEndWhatAQuorumCanStillFinish(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 1), signer("cat", 1))
	e.Quorums = []envelope.Quorum{{Step: 1, Need: 1}}
	s := newStory(t, e)
	s.decline(time.Hour, "ann")
	s.sign(2*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	if cat, _ := s.records.envelope.Recipient("cat"); cat.Status != envelope.Excused {
		t.Errorf("cat is %s, want excused", cat.Status)
	}
}

func TestTheSenderVoidsIt(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.ask(day, workflows.UpdateVoid, "void_1", envelope.Void{ID: "void_1", By: sender, Reason: "wrong file", Origin: envelope.Origin{Address: "192.0.2.7"}})
	s.wantEnd(envelope.Voided)
	s.wantGranted("void_1")
	s.wantHeard("invitation ann", "voided ann", "voided sender")
	last := s.records.evidence[len(s.records.evidence)-1]
	if last.Origin.Address != "192.0.2.7" || last.By.ID != sender.ID {
		t.Errorf("the evidence of who voided it, and from where, is %+v", last)
	}
}

func TestAVoidWithoutAReasonIsRefused(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1)))
	s.ask(day, workflows.UpdateVoid, "void_1", envelope.Void{ID: "void_1", By: sender})
	s.wantEnd(envelope.Expired)
	s.wantRefused("void_1", "reason_missing")
}

func TestACorrectedAddressGetsANewInvitation(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.ask(time.Hour, workflows.UpdateCorrect, "cor_1", envelope.Correction{ID: "cor_1", By: sender, Recipient: "ann", Person: person("anna")})
	s.ask(2*time.Hour, workflows.UpdateCorrect, "cor_2", envelope.Correction{ID: "cor_2", By: sender, Recipient: "bob", Person: person("rob")})
	s.wantEnd(envelope.Expired)
	s.wantGranted("cor_1", "cor_2")
	s.wantHeard("invitation ann", "invitation ann", "expired ann", "expired sender")
	ann, _ := s.records.envelope.Recipient("ann")
	if ann.Person != person("anna") || ann.LinkVersion != 2 {
		t.Errorf("ann is now %+v with links of version %d", ann.Person, ann.LinkVersion)
	}
}

func TestInvitationsAreSentAgain(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1), signer("cat", 2)))
	s.ask(time.Hour, workflows.UpdateResend, "rsn_1", envelope.Resending{ID: "rsn_1", By: sender})
	s.ask(2*time.Hour, workflows.UpdateResend, "rsn_2", envelope.Resending{ID: "rsn_2", By: sender, Recipient: "bob"})
	s.ask(3*time.Hour, workflows.UpdateResend, "rsn_3", envelope.Resending{ID: "rsn_3", By: sender, Recipient: "cat"})
	s.ask(4*time.Hour, workflows.UpdateVoid, "void_1", envelope.Void{ID: "void_1", By: sender, Reason: "enough"})
	s.wantEnd(envelope.Voided)
	s.wantGranted("rsn_1", "rsn_2")
	s.wantRefused("rsn_3", "nobody_asked")
	s.wantHeard("invitation ann", "invitation bob", "invitation ann", "invitation bob", "invitation bob",
		"voided ann", "voided bob", "voided sender")
}

func TestADelegateSignsInstead(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 2)))
	s.act(time.Hour, envelope.Act{ID: "act_hand", Recipient: "ann", Kind: envelope.Delegate, Delegate: person("zoe"), NewID: "zoe", Reason: "on holiday"})
	s.sign(2*time.Hour, "zoe")
	s.sign(3*time.Hour, "bob")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted("act_hand", "act_zoe", "act_bob")
	s.wantHeard("invitation ann", "invitation zoe", "invitation bob",
		"completion bob", "completion zoe", "completion sender")
}

func TestRemindersKeepTheHourOfTheRecipient(t *testing.T) {
	ann := signer("ann", 1)
	ann.Zone = "Europe/Paris"
	e := draft(ann)
	e.Pace = envelope.Pace{First: 26 * day, Every: day, Most: 3} // over 30 March, when summer time begins
	s := newStory(t, e)
	s.wantEnd(envelope.Expired)
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	reminders := s.records.writtenAt("reminder ann")
	if len(reminders) != 3 {
		t.Fatalf("%d reminders, want 3", len(reminders))
	}
	for _, at := range reminders {
		if local := at.In(paris); local.Hour() != 10 || local.Minute() != 0 {
			t.Errorf("reminded at %s, want ten o'clock as when she was asked", local)
		}
	}
}

func TestARefusedDraftIsNotSentAndEndsItsRun(t *testing.T) {
	empty := draft()
	s := newStory(t, empty)
	s.wantEnd(envelope.Draft)
	s.wantRefused("send", "signer_missing")
	s.wantHeard()
}

func TestAfterTheEndNobodyActs(t *testing.T) {
	s := newStory(t, draft(signer("ann", 1), signer("bob", 1)))
	s.papers.slow = 20 * time.Millisecond
	s.decline(time.Hour, "ann")
	s.sign(time.Hour, "bob") // accepted while ann's decline is being written
	s.wantEnd(envelope.Declined)
	s.wantRefused("act_bob", "envelope_ended")
	s.wantHeard("invitation ann", "invitation bob", "declined ann", "declined bob", "declined sender")
}
