package envelope

import "time"

// Correct changes whom a recipient's letters go to. Older links stop working:
// they may lie in a stranger's mailbox.
func (e Envelope) Correct(w Correction, at time.Time) (Change, error) {
	if err := e.mayChange(w.Recipient); err != nil {
		return Change{}, err
	}
	if err := checkPerson(w.Person, "person"); err != nil {
		return Change{}, err
	}
	if e.askedBeside(w.Recipient, w.Person.Email) {
		return Change{}, errTwiceInStep.At("person.email")
	}
	c := e.begin(w.ID, at)
	r := c.touch(w.Recipient)
	c.note(NotedCorrected, w.By, w.Origin, "recipient", r.ID, "from", r.Person.Email, "to", w.Person.Email)
	r.Person = w.Person
	r.LinkVersion++
	c.reach(r)
	c.tell(EventCorrected, r.ID)
	if r.Status == Released { // a cc has no letter before the end
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
		return errHasAnswered
	}
	return nil
}

// Resend writes the invitation of one recipient again, or of all who are asked now.
// An address that letters come back from is tried again only when it is named.
func (e Envelope) Resend(w Resending, at time.Time) (Change, error) {
	if w.Recipient != "" {
		if err := e.mayChange(w.Recipient); err != nil {
			return Change{}, err
		}
	} else if e.Status.Final() {
		return Change{}, errEnded
	} else if e.Status == Draft {
		return Change{}, errNotSent
	}
	c := e.begin(w.ID, at)
	for _, r := range e.Recipients {
		if r.Status != Released || w.Recipient != r.ID && (w.Recipient != "" || r.Bounced()) {
			continue
		}
		if r.Bounced() {
			c.reach(c.touch(r.ID))
		}
		c.note(NotedResent, w.By, w.Origin, "recipient", r.ID)
		c.write(Invitation, r.ID)
	}
	if len(c.Letters) == 0 {
		return Change{}, errNobodyAsked
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
	c.end(voiding, w.Reason, w.By, w.Origin)
	return c, nil
}
