package envelope

import "time"

// Evidence kinds: what the audit trail says happened.
const (
	NotedCreated   = "envelope.created"
	NotedSent      = "envelope.sent"
	NotedAsked     = "recipient.asked"
	NotedViewed    = "recipient.viewed"
	NotedReminded  = "recipient.reminded"
	NotedResent    = "recipient.resent"
	NotedCorrected = "recipient.corrected"
	NotedBounced   = "recipient.bounced"
	NotedExcused   = "recipient.excused"
	NotedIntent    = "signature.intended"
	NotedHeld      = "recipient.signing"
	NotedSigned    = "recipient.signed"
	NotedApproved  = "recipient.approved"
	NotedDeclined  = "recipient.declined"
	NotedDelegated = "recipient.delegated"
	NotedRevised   = "document.revised"
	NotedAwaiting  = "envelope.awaiting"
	NotedRenewed   = "document.renewed"
	NotedCompleted = "envelope.completed"
	NotedEnded     = "envelope.ended"
)

// Names of the changes that happen once in an envelope's life.
const (
	ChangeSend     = "send"
	ChangeExpire   = "expire"
	ChangeComplete = "complete"
)

// Send opens the route: the clock of expiry starts and the first step is asked.
func (e Envelope) Send(by Actor, origin Origin, at time.Time) (Change, error) {
	if err := e.CheckSend(); err != nil {
		return Change{}, err
	}
	c := e.begin(ChangeSend, at)
	c.After.Status = Sent
	c.After.SentAt = c.At
	c.After.ExpiresAt = c.At.Add(e.Lifetime)
	c.tell(EventSent, "")
	c.note(NotedSent, by, origin)
	c.advance()
	return c, nil
}

// Record takes a recipient's act.
func (e Envelope) Record(a Act, at time.Time) (Change, error) {
	if err := e.mayRecord(a, at); err != nil {
		return Change{}, err
	}
	c := e.begin(a.ID, at)
	c.Act = &a
	r := c.touch(a.Recipient)
	by := r.actor()
	switch a.Kind {
	case View:
		c.view(r, by, a)
	case Sign:
		c.agree(r, Signed, EventSigned, NotedSigned, by, a)
	case Approve:
		c.agree(r, Approved, EventApproved, NotedApproved, by, a)
	case Decline:
		c.decline(r, by, a)
	case Delegate:
		c.delegate(r, by, a)
	}
	return c, nil
}

// mayRecord refuses after the deadline even if the alarm is late: a deadline is a
// promise to the sender.
func (e Envelope) mayRecord(a Act, at time.Time) error {
	switch {
	case e.Status == Draft:
		return errNotSent
	case e.Status.Final() || !at.Before(e.ExpiresAt):
		return errEnded
	}
	if err := e.Route().May(a.Recipient, a.Kind); err != nil {
		return err
	}
	return e.CheckAct(a)
}

func (c *Change) view(r *Recipient, by Actor, a Act) {
	if !r.ViewedAt.IsZero() {
		c.Touched = nil // looking again is no news
		return
	}
	c.seen(r, by, a)
	if r.Role == Viewer && r.Status == Released {
		r.Status, r.ActedAt, r.Reminders = Viewed, c.At, nil
		c.advance()
	}
}

func (c *Change) seen(r *Recipient, by Actor, a Act) {
	if r.ViewedAt.IsZero() {
		r.ViewedAt = c.At
		c.tell(EventViewed, r.ID)
		c.note(NotedViewed, by, a.Origin)
	}
}

func (c *Change) agree(r *Recipient, status RecipientStatus, event EventType, noted string, by Actor, a Act) {
	c.seen(r, by, a)
	r.Status, r.ActedAt, r.Reminders = status, c.At, nil
	c.tell(event, r.ID)
	c.note(noted, by, a.Origin, "act", a.ID)
	c.advance()
}

func (c *Change) decline(r *Recipient, by Actor, a Act) {
	r.Status, r.ActedAt, r.Reminders, r.Reason = HasDeclined, c.At, nil, a.Reason
	c.tell(EventHasDeclined, r.ID)
	c.note(NotedDeclined, by, a.Origin, "act", a.ID, "reason", a.Reason)
	if c.After.Route().Lost() {
		c.end(declining, a.Reason, by, a.Origin)
		return
	}
	c.advance()
}

// delegate gives the turn to another person; the one who had it stays in the
// list with their history. The other fills the same places.
func (c *Change) delegate(r *Recipient, by Actor, a Act) {
	from := *r
	r.Status, r.ActedAt, r.Reminders, r.Reason = Delegated, c.At, nil, a.Reason
	c.After.Recipients = append(c.After.Recipients, Recipient{
		ID: a.NewID, Person: a.Delegate, Role: from.Role, Step: from.Step, Zone: from.Zone,
		Status: Waiting, Place: from.Place, DelegatedFrom: from.ID, LinkVersion: 1,
	})
	c.tell(EventDelegated, from.ID)
	c.note(NotedDelegated, by, a.Origin, "act", a.ID, "to", a.NewID, "name", a.Delegate.Name, "email", a.Delegate.Email, "reason", a.Reason)
	c.advance()
}

// advance asks everybody whose turn has come and excuses those who are not needed any more.
func (c *Change) advance() {
	for _, id := range c.After.Route().Excused() {
		r := c.touch(id)
		r.Status, r.Reminders = Excused, nil
		c.tell(EventExcused, id)
		c.note(NotedExcused, Hub, Origin{}, "recipient", id)
	}
	for _, id := range c.After.Route().Turn() {
		c.ask(c.touch(id))
	}
}

func (c *Change) ask(r *Recipient) {
	r.AskedAt = c.At
	c.tell(EventReleased, r.ID)
	if r.Role == CC { // may look from now on; their letter is the finished document
		r.Status = Copied
		return
	}
	r.Status, r.Reminders = Released, c.After.Pace.Due(c.At, r.zone())
	c.note(NotedAsked, Hub, Origin{}, "recipient", r.ID)
	c.write(Invitation, r.ID)
}

// Answer is what somebody who has asked something of the envelope is told: where
// that recipient and the envelope stand, and since when.
func (e Envelope) Answer(recipient string) Answer {
	r, _ := e.Recipient(recipient)
	at := e.SentAt
	for _, later := range []time.Time{r.ViewedAt, r.ActedAt, e.EndedAt} {
		if later.After(at) {
			at = later
		}
	}
	return Answer{Recipient: r.Status, Envelope: e.Status, At: at}
}
