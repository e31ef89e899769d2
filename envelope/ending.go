package envelope

import "time"

// Complete ends the envelope after everybody has acted and the documents are sealed.
func (e Envelope) Complete(at time.Time) (Change, error) {
	if _, running := e.Route().Step(); running || e.Status != Sent {
		return Change{}, errEnded
	}
	c := e.begin(ChangeComplete, at)
	c.After.Status, c.After.EndedAt = Completed, c.At
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
	c.After.Status, c.After.EndedAt, c.After.Reason = as.status, c.At, reason
	for _, r := range c.After.Recipients {
		if !r.AskedAt.IsZero() && r.Role != CC && r.Status != Delegated && r.Status != Excused {
			c.write(as.letter, r.ID)
		}
		if r.Status.Open() {
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
