package envelope

import (
	"time"

	"chancery/problem"
)

// Awaited is what a step of the hub itself waits for.
type Awaited string

const (
	// AwaitTimestamp: no time-stamping authority can be reached, and a signature
	// without proof of its time is not made.
	AwaitTimestamp Awaited = "timestamp"
	// AwaitEvidence: an authority does not say whether a certificate was revoked, and
	// a document is not finished without that.
	AwaitEvidence Awaited = "evidence"
)

// Codes of the problems that stand for them.
const (
	TimestampAway = "timestamp_unavailable"
	EvidenceAway  = "revocation_unavailable"
)

// AwaitedBy tells what a step that failed so is waiting for; "" when it is not
// something that comes by itself.
func AwaitedBy(err error) Awaited {
	switch {
	case problem.Has(err, TimestampAway):
		return AwaitTimestamp
	case problem.Has(err, EvidenceAway):
		return AwaitEvidence
	}
	return ""
}

// Hold takes a signature that cannot be made yet, because its timestamp cannot be
// had. It is the same act and the same change as Record's, so a repeat finds it;
// the person need not come back.
func (e Envelope) Hold(a Act, at time.Time) (Change, error) {
	if err := e.mayRecord(a, at); err != nil {
		return Change{}, err
	}
	c := e.begin(a.ID, at)
	c.Act = &a
	r := c.touch(a.Recipient)
	by := r.actor()
	c.seen(r, by, a)
	r.Status, r.ActedAt, r.Reminders = Signing, c.At, nil
	c.note(NotedHeld, by, a.Origin, "act", a.ID, "awaits", string(AwaitTimestamp))
	return c, nil
}

// FinishID is the id of the change that makes a held signature.
func FinishID(recipient string) string { return "finish." + recipient }

// Finish makes the signature of an act that was held. The deadline may have passed
// since: the person was in time.
func (e Envelope) Finish(a Act, at time.Time) (Change, error) {
	r, ok := e.Recipient(a.Recipient)
	switch {
	case !ok:
		return Change{}, errNoRecipient
	case e.Status.Final():
		return Change{}, errEnded
	case r.Status != Signing:
		return Change{}, errActedAlready
	}
	c := e.begin(FinishID(r.ID), at)
	c.agree(c.touch(r.ID), Signed, EventSigned, NotedSigned, r.actor(), a)
	c.After.Recipients[c.After.at(r.ID)].ActedAt = r.ActedAt
	return c, nil
}

// ChangeAwait notes, once, that the seal must wait.
const ChangeAwait = "await"

// Await says what the seal waits for.
func (e Envelope) Await(what Awaited, at time.Time) (Change, error) {
	if !e.done() {
		return Change{}, errEnded
	}
	c := e.begin(ChangeAwait, at)
	c.After.Awaits = what
	c.note(NotedAwaiting, Hub, Origin{}, "what", string(what))
	return c, nil
}

func (r Recipient) actor() Actor { return Actor{Kind: "recipient", ID: r.ID, Person: r.Person} }
