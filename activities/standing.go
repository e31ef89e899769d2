package activities

import (
	"time"

	"chancery/envelope"
	"chancery/problem"
)

// Standing is where an envelope stands, as its workflow remembers it.
type Standing struct {
	Status envelope.Status `json:"status"`
	Route  envelope.Route  `json:"route"`
	Alarm  time.Time       `json:"alarm"` // when something next happens by itself, by the envelope's clock

	Ahead   time.Duration `json:"ahead,omitempty"`   // of the real clock, which the engine has
	Version int64         `json:"version,omitempty"` // of the envelope; of two standings the higher is the later
	Awaits  bool          `json:"awaits,omitempty"`  // the seal waits for a timestamp
	Lasting []string      `json:"lasting,omitempty"` // finished documents whose proofs are kept up
}

// Everything stands for all changes of an envelope that are not announced yet.
const Everything = "everything"

// Outcome is what a step leads to.
type Outcome struct {
	Standing Standing        `json:"standing"`
	Change   string          `json:"change,omitempty"` // to be announced
	Again    bool            `json:"again,omitempty"`  // the change was made before; later ones may have been too
	Answer   envelope.Answer `json:"answer"`
}

// Sending is the sender's wish that an envelope goes out.
type Sending struct {
	Envelope string          `json:"envelope"`
	By       envelope.Actor  `json:"by"`
	Origin   envelope.Origin `json:"origin"`
}

var (
	errEnded   = problem.Conflict("envelope_ended", "This envelope has ended; nothing can be changed any more.")
	errNotSent = problem.Conflict("envelope_not_sent", "This envelope has not been sent.")
)

// Running says why nothing can be asked of the envelope, if so.
func (s Standing) Running() error {
	if s.Status.Final() {
		return errEnded
	}
	if s.Status != envelope.Sent {
		return errNotSent
	}
	return nil
}

// May says why a recipient may not act, if so.
func (s Standing) May(act envelope.Act) error {
	if err := s.Running(); err != nil {
		return err
	}
	return s.Route.May(act.Recipient, act.Kind)
}
