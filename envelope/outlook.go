package envelope

import (
	"slices"
	"time"
)

// Outlook answers "why is it waiting, what happens next, and when".
type Outlook struct {
	Waiting []string // recipients we wait for now
	Step    int      // the current step; 0 when there is none
	Why     string   // one sentence
	Next    []Upcoming
}

// Upcoming is something that will happen by itself.
type Upcoming struct {
	What      string    // "reminder", "expiry", "release", "seal"
	Recipient string    // of a reminder or a release
	At        time.Time // zero: as soon as the current step is over
}

// Outlook of the envelope as it stands.
func (e Envelope) Outlook() Outlook {
	switch {
	case e.Status == Draft:
		return Outlook{Why: "It is a draft; it has not been sent."}
	case e.Status.Final():
		return Outlook{Why: endings[e.Status]}
	}
	step, running := e.Route().Step()
	if e.done() {
		return Outlook{Why: sealing[e.Awaits], Next: []Upcoming{{What: "seal"}}}
	}
	if !running { // the step went on, and somebody who had signed as well waits
		return Outlook{Why: heldWhy, Next: []Upcoming{{What: "seal"}}}
	}
	return Outlook{Step: step, Waiting: e.waiting(), Why: e.why(step), Next: e.upcoming(step)}
}

var endings = map[Status]string{
	Completed: "It is complete.",
	Declined:  "It ended because it was declined.",
	Voided:    "It was voided by the sender.",
	Expired:   "It expired before everybody had acted.",
}

// sealing says what the last step waits for.
var sealing = map[Awaited]string{
	"":             "Everybody has acted; the documents are being sealed.",
	AwaitTimestamp: "Everybody has acted; the seal waits for a time-stamping authority, which is asked again and again.",
	AwaitEvidence:  "Everybody has acted; the seal waits for an authority to confirm that the certificates are still good, which is asked again and again.",
}

const heldWhy = "It waits for a time-stamping authority, which is asked again and again; the signature is kept until then."

const bouncedWhy = "Letters to a recipient come back: please correct the address."

func (e Envelope) waiting() []string {
	var ids []string
	for _, r := range e.Recipients {
		if r.Status == Released {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (e Envelope) why(step int) string {
	route := e.Route()
	agreed, open := route.count(step)
	missing := route.need(step) - agreed
	switch {
	case len(route.Held()) > 0 && len(e.waiting()) == 0:
		return heldWhy
	case slices.ContainsFunc(e.Recipients, func(r Recipient) bool { return r.Status == Released && r.Bounced() }):
		return bouncedWhy
	case open == 1:
		return "It waits for one recipient to act."
	case missing == open:
		return "It waits for all recipients of the current step to act."
	}
	return "It waits until enough recipients of the current step have acted."
}

func (e Envelope) upcoming(step int) []Upcoming {
	var next []Upcoming
	for _, r := range e.Recipients {
		if r.Status == Released && len(r.Reminders) > 0 {
			next = append(next, Upcoming{What: "reminder", Recipient: r.ID, At: r.Reminders[0]})
		}
	}
	next = append(next, Upcoming{What: "expiry", At: e.ExpiresAt})
	following := e.following(step)
	if len(following) == 0 {
		return append(next, Upcoming{What: "seal"})
	}
	for _, id := range following {
		next = append(next, Upcoming{What: "release", Recipient: id})
	}
	return next
}

// following returns the recipients of the step after this one.
func (e Envelope) following(step int) []string {
	var ids []string
	after := 0
	for _, s := range e.Route().steps() {
		if s > step {
			after = s
			break
		}
	}
	for _, r := range e.Recipients {
		if after > 0 && r.Step == after && r.Status == Waiting {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
