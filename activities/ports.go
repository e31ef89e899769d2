package activities

import (
	"context"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/webhooks"
)

// Records is what the steps need of the database.
type Records interface {
	Envelope(ctx context.Context, id string) (envelope.Envelope, error)
	Done(ctx context.Context, envelopeID, changeID string) (bool, error)
	Commit(ctx context.Context, c envelope.Change) error
	// MaySend refuses what the organisation's plan has no room for, as Commit will.
	MaySend(ctx context.Context, e envelope.Envelope) error
	// AdvanceClock puts the clock of a team forward, once for each wish, and returns
	// how far ahead it is.
	AdvanceClock(ctx context.Context, teamID, wish string, by time.Duration) (time.Duration, error)
	// Running returns a page of the team's envelopes that are under way, in the order of their ids.
	Running(ctx context.Context, teamID, after string, limit int) ([]string, error)
	// Signature returns the act by which a recipient has signed.
	Signature(ctx context.Context, envelopeID, recipientID string) (envelope.Act, error)
	// Newest returns a document's last revision.
	Newest(ctx context.Context, envelopeID, documentID string) (envelope.Revision, error)

	// Untold returns what of these changes has not been sent yet.
	Untold(ctx context.Context, envelopeID string, changes []string) (Outgoing, error)
	Letter(ctx context.Context, id string) (OutgoingLetter, error)
	Delivery(ctx context.Context, id string) (Delivery, error)
	// Announced notes that these changes have been announced.
	Announced(ctx context.Context, envelopeID string, changes []string) error
	// Postponed notes until when deliveries wait for their turn.
	Postponed(ctx context.Context, waits []Wait) error
	// Told keeps what came of letters and attempts, in one transaction.
	Told(ctx context.Context, sent []Sent, attempts []Attempt) error

	// Notice returns a letter about an account, and whether it is finished: sent or refused for good.
	Notice(ctx context.Context, id string) (notice account.Notice, finished bool, err error)
	// Notified keeps what came of one.
	Notified(ctx context.Context, sent Sent) error
}

// Papers does what is done to the documents themselves. The problem
// envelope.TimestampAway means that a signature could not be timestamped and was
// not made; it can be had later.
type Papers interface {
	Certify(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error)
	Sign(ctx context.Context, e envelope.Envelope, act envelope.Act, at time.Time) ([]envelope.Revision, error)
	Seal(ctx context.Context, e envelope.Envelope, at time.Time) ([]envelope.Revision, error)
	// Lasting tells whether the proofs of the envelope's documents are kept up for years.
	Lasting(e envelope.Envelope) bool
	// Renew adds proofs to a finished document before the older ones age.
	Renew(ctx context.Context, e envelope.Envelope, documentID string, at time.Time) (envelope.Revision, error)
}

// Post writes a letter and hands it to a mail server. A Problem means that no
// other try can help.
type Post interface {
	Send(ctx context.Context, e envelope.Envelope, letter envelope.Letter, written time.Time) error
	SendNotice(ctx context.Context, n account.Notice) error
}

// Hooks makes one attempt to deliver an event.
type Hooks interface {
	Attempt(ctx context.Context, d webhooks.Delivery) webhooks.Outcome
}

// Later goes on with what did not succeed at once.
type Later interface {
	Post(ctx context.Context, letterID string) error
	Deliver(ctx context.Context, deliveryID string, delay time.Duration) error
	// WriteBack lets a journey's record learn of all events up to this one.
	WriteBack(ctx context.Context, b Back) error
	// Bounce tells an envelope that letters to a recipient come back.
	Bounce(ctx context.Context, envelopeID string, news envelope.Bounce) error
	// Tick lets an envelope know that its clock was put forward.
	Tick(ctx context.Context, envelopeID string) error
}

// Outgoing is what a change has to tell.
type Outgoing struct {
	Letters    []OutgoingLetter
	Deliveries []Delivery
	Backs      []Back
}

// Back is the last of the events that a journey's record is to learn of.
type Back struct {
	Journey string
	Event   string
}

// OutgoingLetter is a letter with its state.
type OutgoingLetter struct {
	Letter   envelope.Letter
	Envelope string
	Written  time.Time // when its change happened; the letter's Date
	Finished bool      // sent or refused for good
}

// Delivery is an event on its way to an endpoint.
type Delivery struct {
	ID       string
	Endpoint string
	Attempts int // made so far
	Finished bool
	Team     string // whose endpoint it is
	Sandbox  bool   // that team
	Event    webhooks.Delivery
}

// Sent is what came of a letter.
type Sent struct {
	Letter string
	Status string // sent, refused, waiting
	Why    string // of what is not sent; no addresses
	At     time.Time
}

// Attempt is what came of one attempt to deliver.
type Attempt struct {
	ID       string
	Delivery string
	Endpoint string
	Number   int // 1 is the first
	At       time.Time
	Outcome  webhooks.Outcome
	Next     time.Time // zero when there is none: delivered or given up
}
