package envelope

import (
	"fmt"
	"time"
)

// Complete ends the envelope after everybody has acted and the documents are sealed.
func (e Envelope) Complete(at time.Time) (Change, error) {
	if !e.done() {
		return Change{}, errEnded
	}
	c := e.begin(ChangeComplete, at)
	c.After.Status, c.After.EndedAt, c.After.Awaits = Completed, c.At, ""
	c.note(NotedCompleted, Hub, Origin{})
	c.tell(EventCompleted, "")
	c.tell(EventDownloadable, "")
	for _, r := range c.After.Recipients {
		if r.Status != Delegated {
			c.write(r.finalLetter(), r.ID)
		}
	}
	c.write(CompletionLetter, "")
	return c, nil
}

// Renew notes that the proofs in a finished document are renewed, as its revision
// after number. The document says what it said: nobody is told.
func (e Envelope) Renew(document string, number int, at time.Time) (Change, error) {
	if e.Status != Completed {
		return Change{}, errNotComplete
	}
	c := e.begin(fmt.Sprintf("renew.%s.%d", document, number), at)
	c.note(NotedRenewed, Hub, Origin{}, "document", document)
	return c, nil
}

// done tells whether everybody has acted and only the seal is missing.
func (e Envelope) done() bool {
	_, running := e.Route().Step()
	return !running && e.Status == Sent && len(e.Route().Held()) == 0
}

// ending is one way in which an envelope ends before its route is done.
type ending struct {
	status Status
	event  EventType
	letter LetterKind
}

var (
	declining = ending{Declined, EventDeclined, DeclineLetter}
	voiding   = ending{Voided, EventVoided, VoidLetter}
	expiring  = ending{Expired, EventExpired, ExpiryLetter}
)

// end closes the envelope before its route is done. Everyone who has been
// written to is told; those who were still to come have never heard of it.
func (c *Change) end(as ending, reason string, by Actor, origin Origin) {
	c.After.Status, c.After.EndedAt, c.After.Reason, c.After.Awaits = as.status, c.At, reason, ""
	for _, r := range c.After.Recipients {
		if !r.AskedAt.IsZero() && r.Role != CC && r.Status != Delegated && r.Status != Excused && !r.Unreached() {
			c.write(as.letter, r.ID)
		}
		if r.Status.Hopeful() {
			next := c.touch(r.ID)
			next.Status, next.Reminders = Excused, nil
		}
	}
	c.write(as.letter, "")
	c.note(NotedEnded, by, origin, "status", string(as.status), "reason", reason)
	c.tell(as.event, "")
}

// finalLetter brings the finished document: to a cc it is the first they hear of it.
func (r Recipient) finalLetter() LetterKind {
	if r.Role == CC {
		return CopyLetter
	}
	return CompletionLetter
}
