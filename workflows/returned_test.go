package workflows_test

import (
	"testing"
	"time"

	"chancery/envelope"
	"chancery/workflows"
)

func (s *story) bounce(after time.Duration, who string) string {
	news := envelope.Bounce{
		ID: envelope.BounceID(who, envelope.Mark{byte(after / time.Hour)}, false), Recipient: who, LinkVersion: 1, Reason: "5.1.1 There is no such mailbox.",
	}
	s.ask(after, workflows.UpdateBounce, news.ID, news)
	return news.ID
}

func TestALetterComesBackAndTheAddressIsCorrected(t *testing.T) {
	e := draft(signer("ann", 1))
	e.Pace = envelope.Pace{First: 2 * day, Every: 20 * day, Most: 2}
	s := newStory(t, e)
	first := s.bounce(time.Hour, "ann")
	again := s.bounce(2*time.Hour, "ann")
	s.ask(10*day, workflows.UpdateCorrect, "cor_1", envelope.Correction{ID: "cor_1", By: sender, Recipient: "ann", Person: person("anna")})
	late := s.bounce(11*day, "ann")
	s.sign(13*day, "ann")
	s.wantEnd(envelope.Completed)
	s.wantWhole()
	s.wantGranted(first, again, "cor_1", "act_ann")
	s.wantRefused(late, "recipient_corrected")
	s.wantHeard("invitation ann", "bounced sender", "invitation ann", "reminder ann", "completion ann", "completion sender")
}
