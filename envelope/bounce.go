package envelope

import (
	"crypto/sha256"
	"fmt"
	"time"

	"chancery/problem"
)

// Bounce is news that a letter to a recipient came back, or that its reader
// complained about it. It does not end anybody's turn: they are still asked, and
// their link works, but nothing more is written to that address.
type Bounce struct {
	ID          string `json:"id"`
	Recipient   string `json:"recipient"`
	LinkVersion int    `json:"link_version"` // the recipient's, when the letter was sent
	Reason      string `json:"reason"`       // one sentence in our own words, with the status of RFC 3463
	Complaint   bool   `json:"complaint,omitempty"`
}

// Mark is a short name of a letter, by which it is known when it comes back: one
// recipient gets few enough letters for six bytes of a hash to tell them apart.
type Mark [6]byte

// Mark of the letter.
func (l Letter) Mark() Mark {
	sum := sha256.Sum256([]byte(l.ID))
	return Mark(sum[:len(Mark{})])
}

// BounceID is the id of the change that follows when a letter comes back, however
// often and by whatever way we hear of it.
func BounceID(recipient string, letter Mark, complaint bool) string {
	kind := "bounce"
	if complaint {
		kind = "complaint"
	}
	return fmt.Sprintf("%s.%s.%x", kind, recipient, letter)
}

// errOtherAddress: the letter went to an address that has been corrected since.
var errOtherAddress = problem.Conflict("recipient_corrected", "That letter went to an address that has been corrected since.")

// Bounce notes that letters do not reach a recipient, and asks the sender to
// correct the address. What is known already is no news.
func (e Envelope) Bounce(b Bounce, at time.Time) (Change, error) {
	if err := e.mayChange(b.Recipient); err != nil {
		return Change{}, err
	}
	r, _ := e.Recipient(b.Recipient)
	switch {
	case r.AskedAt.IsZero():
		return Change{}, errNobodyAsked
	case r.LinkVersion != b.LinkVersion:
		return Change{}, errOtherAddress
	}
	c := e.begin(b.ID, at)
	if r.Bounced() && (!b.Complaint || r.Complained) {
		return c, nil
	}
	next := c.touch(r.ID)
	next.BouncedAt, next.BounceReason, next.Complained = c.At, b.Reason, b.Complaint
	next.Reminders = nil
	c.tell(EventBounced, r.ID)
	c.note(NotedBounced, Hub, Origin{}, "recipient", r.ID, "to", r.Person.Email, "reason", b.Reason)
	c.writeAbout(BounceLetter, r.ID)
	return c, nil
}

// Bounced tells whether letters to the recipient's address come back.
func (r Recipient) Bounced() bool { return !r.BouncedAt.IsZero() }

// Unreached tells whether somebody should correct the address of a recipient who
// is still to be written to.
func (r Recipient) Unreached() bool {
	return r.Bounced() && (r.Status.Open() || r.Status == Copied)
}

// reach begins anew with an address that may be a good one, reminders included.
func (c *Change) reach(r *Recipient) {
	if !r.Bounced() {
		return
	}
	r.BouncedAt, r.BounceReason, r.Complained = time.Time{}, "", false
	if r.Status == Released {
		r.Reminders = c.After.Pace.Due(c.At, r.zone())
	}
}
