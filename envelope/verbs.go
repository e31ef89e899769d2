package envelope

import (
	"slices"
	"strconv"
	"time"
)

// Evidence kinds: what the audit trail says happened.
const (
	NotedCreated   = "envelope.created"
	NotedSent      = "envelope.sent"
	NotedAsked     = "recipient.asked"
	NotedViewed    = "recipient.viewed"
	NotedReminded  = "recipient.reminded"
	NotedResent    = "recipient.resent"
	NotedCorrected = "recipient.corrected"
	NotedExcused   = "recipient.excused"
	NotedIntent    = "signature.intended"
	NotedSigned    = "recipient.signed"
	NotedApproved  = "recipient.approved"
	NotedDeclined  = "recipient.declined"
	NotedDelegated = "recipient.delegated"
	NotedSealed    = "document.sealed"
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
	if err := e.mayRecord(a); err != nil {
		return Change{}, err
	}
	c := e.begin(a.ID, at)
	c.Act = &a
	r := c.touch(a.Recipient)
	by := Actor{Kind: "recipient", ID: r.ID, Person: r.Person}
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

func (e Envelope) mayRecord(a Act) error {
	switch {
	case e.Status == Draft:
		return errNotSent
	case e.Status.Final():
		return errEnded
	}
	if err := e.Route().May(a.Recipient, a.Kind); err != nil {
		return err
	}
	return e.CheckAct(a)
}

func (c *Change) view(r *Recipient, by Actor, a Act) {
	if !r.ViewedAt.IsZero() && r.Role != Viewer {
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
		c.end(Declined, a.Reason, EventDeclined, DeclineLetter, by)
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
	letter := Invitation
	r.Status, r.AskedAt = Released, c.At
	if r.Role == CC {
		r.Status, letter = Copied, CopyLetter
	} else {
		r.Reminders = c.After.Pace.Due(c.At, r.zone())
	}
	c.tell(EventReleased, r.ID)
	c.note(NotedAsked, Hub, Origin{}, "recipient", r.ID)
	c.write(letter, r.ID)
}

// Ring does what is due by itself at that time: expiry, reminders, or nothing.
func (e Envelope) Ring(at time.Time) Change {
	if e.Status != Sent || e.NextAlarm().After(at) {
		return e.begin(ReminderID(at), at)
	}
	if !e.ExpiresAt.After(at) {
		c := e.begin(ChangeExpire, at)
		c.end(Expired, "", EventExpired, ExpiryLetter, Hub)
		return c
	}
	return e.remind(at)
}

// ReminderID is the id of the change that reminds at that time.
func ReminderID(at time.Time) string { return "remind." + strconv.FormatInt(at.UnixMilli(), 10) }

// remind writes to everybody whose reminder is due.
func (e Envelope) remind(at time.Time) Change {
	c := e.begin(ReminderID(at), at)
	for _, r := range e.Recipients {
		if r.Status != Released || len(r.Reminders) == 0 || r.Reminders[0].After(at) {
			continue
		}
		next := c.touch(r.ID)
		next.Reminders = slices.DeleteFunc(slices.Clone(r.Reminders), func(due time.Time) bool { return !due.After(at) })
		next.Reminded++
		c.tell(EventReminded, r.ID)
		c.note(NotedReminded, Hub, Origin{}, "recipient", r.ID, "count", strconv.Itoa(next.Reminded))
		c.write(Reminder, r.ID)
	}
	return c
}

// Correct changes whom a recipient's letters go to. Older links stop working:
// they may lie in a stranger's mailbox.
func (e Envelope) Correct(w Correction, at time.Time) (Change, error) {
	if err := e.mayChange(w.Recipient); err != nil {
		return Change{}, err
	}
	if err := checkPerson(w.Person, ""); err != nil {
		return Change{}, err
	}
	c := e.begin(w.ID, at)
	r := c.touch(w.Recipient)
	c.note(NotedCorrected, w.By, w.Origin, "recipient", r.ID, "from", r.Person.Email, "to", w.Person.Email)
	r.Person = w.Person
	r.LinkVersion++
	c.tell(EventCorrected, r.ID)
	if r.Status == Released {
		c.write(Invitation, r.ID)
	}
	return c, nil
}

func (e Envelope) mayChange(recipient string) error {
	if e.Status.Final() {
		return errEnded
	}
	if e.Status == Draft {
		return errNotSent
	}
	r, ok := e.Recipient(recipient)
	if !ok {
		return errNoRecipient
	}
	if !r.Status.Open() && r.Status != Copied {
		return errActedAlready
	}
	return nil
}

// Resend writes the invitation again.
func (e Envelope) Resend(w Resending, at time.Time) (Change, error) {
	if w.Recipient != "" {
		if err := e.mayChange(w.Recipient); err != nil {
			return Change{}, err
		}
	} else if e.Status != Sent {
		return Change{}, errNotSent
	}
	c := e.begin(w.ID, at)
	for _, r := range e.Recipients {
		if r.Status == Released && (w.Recipient == "" || w.Recipient == r.ID) {
			c.note(NotedResent, w.By, w.Origin, "recipient", r.ID)
			c.write(Invitation, r.ID)
		}
	}
	if len(c.Letters) == 0 {
		return Change{}, errNotYourTurn
	}
	return c, nil
}

// Void ends the envelope by the sender's wish.
func (e Envelope) Void(w Void, at time.Time) (Change, error) {
	if e.Status.Final() {
		return Change{}, errEnded
	}
	if err := checkReason(w.Reason); err != nil {
		return Change{}, err
	}
	c := e.begin(w.ID, at)
	c.end(Voided, w.Reason, EventVoided, VoidLetter, w.By)
	return c, nil
}

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
			c.write(CompletionLetter, r.ID)
		}
	}
	c.write(CompletionLetter, "")
	return c, nil
}

// end closes the envelope before its route is done. Everyone who has been
// written to is told; those who were still to come have never heard of it.
func (c *Change) end(status Status, reason string, event EventType, letter LetterKind, by Actor) {
	c.After.Status, c.After.EndedAt, c.After.Reason = status, c.At, reason
	for _, r := range c.After.Recipients {
		if !r.AskedAt.IsZero() && r.Status != Delegated && r.Status != Excused {
			c.write(letter, r.ID)
		}
		if r.Status.Open() {
			next := c.touch(r.ID)
			next.Status, next.Reminders = Excused, nil
		}
	}
	c.write(letter, "")
	c.note(NotedEnded, by, Origin{}, "status", string(status), "reason", reason)
	c.tell(event, "")
}

// NextAlarm returns the next moment at which something happens by itself: a
// reminder or the expiry; zero when nothing does.
func (e Envelope) NextAlarm() time.Time {
	if e.Status != Sent {
		return time.Time{}
	}
	next := e.ExpiresAt
	for _, r := range e.Recipients {
		if r.Status == Released && len(r.Reminders) > 0 && r.Reminders[0].Before(next) {
			next = r.Reminders[0]
		}
	}
	return next
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
