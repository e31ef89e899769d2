package envelope

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Change is everything that one step of an envelope's life stores in one
// transaction: the new state, the act, the evidence, the events for subscribers
// and the letters to write. Its id makes a repeat harmless.
type Change struct {
	ID        string // unique within the envelope: "send", an act's id, "expire", ...
	At        time.Time
	After     Envelope
	Touched   []string // recipients whose rows differ
	Act       *Act
	Revisions []Revision
	Events    []Event
	Evidence  []Evidence
	Letters   []Letter
}

// Happened is the real time of the change. At is that of the envelope's clock.
func (c Change) Happened() time.Time { return c.After.Real(c.At) }

// Empty tells whether there is nothing to store or tell.
func (c Change) Empty() bool {
	return len(c.Touched) == 0 && len(c.Events) == 0 && len(c.Evidence) == 0 && len(c.Letters) == 0
}

// Grow adds the revisions that documents have got by the change, and puts their
// digests into the evidence: by these anyone's copy can be told to be ours.
func (c *Change) Grow(revisions ...Revision) {
	c.Revisions = append(c.Revisions, revisions...)
	digests := make([]string, 0, 2*len(revisions))
	for _, r := range revisions {
		digests = append(digests, fmt.Sprintf("%s/%d", r.Document, r.Number), "sha256 "+r.SHA256)
	}
	if len(digests) > 0 {
		c.note(NotedRevised, Hub, Origin{}, digests...)
	}
}

// Evidence is one line of the audit trail before it is chained.
type Evidence struct {
	Kind   string
	By     Actor
	Origin Origin
	Detail map[string]string
}

// LetterKind says which letter is written.
type LetterKind string

const (
	Invitation       LetterKind = "invitation"
	Reminder         LetterKind = "reminder"
	CopyLetter       LetterKind = "copy"
	CompletionLetter LetterKind = "completion"
	DeclineLetter    LetterKind = "declined"
	VoidLetter       LetterKind = "voided"
	ExpiryLetter     LetterKind = "expired"
	BounceLetter     LetterKind = "bounced"
)

// Letter is one letter to one recipient. Its id becomes the Message-ID, so it
// is the same letter however often it is sent.
type Letter struct {
	ID        string
	Kind      LetterKind
	Recipient string // "" is the sender
	About     string // the recipient that a letter to the sender is about, if it is about one
}

// begin starts a change of a copy of the envelope.
func (e Envelope) begin(id string, at time.Time) Change {
	after := e.clone()
	return Change{ID: id, At: at.UTC().Truncate(time.Millisecond), After: after}
}

// touch returns the recipient to be changed and notes that it was.
func (c *Change) touch(id string) *Recipient {
	if !slices.Contains(c.Touched, id) {
		c.Touched = append(c.Touched, id)
	}
	return &c.After.Recipients[c.After.at(id)]
}

// tell adds an event for subscribers under the envelope's next sequence number.
func (c *Change) tell(kind EventType, recipient string) {
	c.After.Sequence++
	c.Events = append(c.Events, Event{
		ID:        "evt_" + c.After.ID[len("env_"):] + "_" + strconv.FormatInt(c.After.Sequence, 10),
		Type:      kind,
		Envelope:  c.After.ID,
		Recipient: recipient,
		Sequence:  c.After.Sequence,
		At:        c.Happened(),
	})
}

func (c *Change) note(kind string, by Actor, origin Origin, detail ...string) {
	evidence := Evidence{Kind: kind, By: by, Origin: origin}
	for i := 0; i+1 < len(detail); i += 2 {
		if evidence.Detail == nil {
			evidence.Detail = map[string]string{}
		}
		if detail[i+1] != "" {
			evidence.Detail[detail[i]] = detail[i+1]
		}
	}
	c.Evidence = append(c.Evidence, evidence)
}

// write adds a letter. The id is made of the change and the reader, so a repeat
// of the change writes the same letter and no second one.
func (c *Change) write(kind LetterKind, recipient string) {
	reader := recipient
	if reader == "" {
		reader = "sender"
	}
	c.Letters = append(c.Letters, Letter{
		ID:        string(kind) + "." + c.After.ID + "." + reader + "." + c.ID,
		Kind:      kind,
		Recipient: recipient,
	})
}

// writeAbout adds a letter to the sender about one of the recipients.
func (c *Change) writeAbout(kind LetterKind, recipient string) {
	c.write(kind, "")
	c.Letters[len(c.Letters)-1].About = recipient
}
