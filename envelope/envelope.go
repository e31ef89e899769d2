// Package envelope is the heart of Chancery: what an envelope is, whose turn it
// is, what may happen to it and what follows.
//
// Everything here is a pure value: no clock, no randomness, no maps that are
// ranged over. The workflow, the API, the pages and the tests ask the same
// functions, so they cannot disagree.
//
// Read it in this order: Envelope and Recipient (what there is), Route (whose
// turn it is), Pace (when to remind), then the verbs Send, Record, Ring,
// Correct, Resend, Bounce, Void and Complete, each of which answers with a
// Change: everything that must be stored in one transaction.
package envelope

import (
	"slices"
	"time"
)

// Envelope is one or more documents sent together, their recipients and their
// route. Times are UTC; a zero time means "has not happened".
type Envelope struct {
	ID         string
	Team       string
	Owner      string // who made it, by their id
	Version    int64  // raised by every change; the store compares before it swaps
	Sequence   int64  // of the last event told
	Status     Status
	Test       bool // from a sandbox team: banner, mark, untrusted certificates
	Title      string
	Message    string
	Tags       []string // as ReadTags gives them; to find and sort by, for the team and its programs alone
	Sender     Person
	Reason     string  // why it was declined or voided
	Awaits     Awaited // what the seal waits for; "" when it does not
	Documents  []Document
	Recipients []Recipient
	Quorums    []Quorum
	Fields     []Field
	Pace       Pace
	Lifetime   time.Duration // from sending to expiry
	Ahead      time.Duration // of the real clock: by the test clock of a sandbox

	CreatedAt time.Time
	SentAt    time.Time
	ExpiresAt time.Time
	EndedAt   time.Time
}

// Person is a name and a mail address.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Document is one uploaded PDF of an envelope.
type Document struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Pages  []Size `json:"pages"`
	Size   int64  `json:"size"`   // bytes of the upload, as it is kept
	SHA256 string `json:"sha256"` // of the upload as it is kept, hexadecimal
	// Removed are the kinds of what was taken out of the upload, such as JavaScript.
	Removed []string `json:"removed,omitempty"`
	Report  *Report  `json:"report,omitempty"`
}

// Report is about an upload: what it was when it came, and what was found in it.
// When no reason says normalised, it is kept byte for byte.
type Report struct {
	Size    int64    `json:"size"`   // bytes, as it came
	SHA256  string   `json:"sha256"` // as it came, hexadecimal
	Reasons []Reason `json:"reasons"`
}

// Reason is one thing that was found in an upload.
type Reason struct {
	Code     string `json:"code"`
	Severity string `json:"severity"` // note, normalised
	Sentence string `json:"sentence"`
	Kind     string `json:"kind,omitempty"`  // which one of several, such as JavaScript
	Where    string `json:"where,omitempty"` // the first place, such as "page 3"
	Count    int    `json:"count,omitempty"` // places, when there are more
}

// Size of a page as displayed, in points (1/72 inch).
type Size struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Recipient is a person in an envelope.
type Recipient struct {
	ID     string
	Person Person
	Role   Role
	Step   int    // 1 is asked first; equal steps act at the same time
	Zone   string // IANA name; "" is UTC
	Status RecipientStatus
	Reason string // why they declined

	Place         string      // whose fields they fill: their own id, or the id of the one who delegated to them
	DelegatedFrom string      // the recipient whose turn this was
	LinkVersion   int         // raised when older links must stop working
	Reminders     []time.Time // still to come, in order
	Reminded      int

	AskedAt  time.Time
	ViewedAt time.Time
	ActedAt  time.Time

	BouncedAt    time.Time // since then letters to this address come back
	BounceReason string    // one sentence, with the status of RFC 3463
	Complained   bool      // its reader does not want our letters
}

// Quorum lets a step go on when Need of its recipients have acted.
type Quorum struct {
	Step int `json:"step"`
	Need int `json:"need"`
}

// Revision is one incremental version of a document's PDF; earlier bytes never change.
type Revision struct {
	Document string
	Number   int    // 0 is the upload
	Size     int64  // bytes of the whole file up to and with this revision
	SHA256   string // of the whole file, hexadecimal
	Blob     string // where the vault keeps the bytes that this revision appends
	Plan     []byte // what the next signature needs to know of the file

	RenewAt time.Time // when the proofs in it must be renewed; zero is never
}

// Clock is the time that counts for the course of the envelope: when somebody is
// asked, reminded, late. What is proved (signatures, evidence, letters) has the real time.
func (e Envelope) Clock(real time.Time) time.Time { return real.Add(e.Ahead) }

// Real is the real time of a moment in the course of the envelope.
func (e Envelope) Real(moment time.Time) time.Time { return moment.Add(-e.Ahead) }

// Recipient returns the recipient with that id.
func (e Envelope) Recipient(id string) (Recipient, bool) {
	if i := e.at(id); i >= 0 {
		return e.Recipients[i], true
	}
	return Recipient{}, false
}

func (e Envelope) at(id string) int {
	return slices.IndexFunc(e.Recipients, func(r Recipient) bool { return r.ID == id })
}

// Document returns the document with that id.
func (e Envelope) Document(id string) (Document, bool) {
	i := slices.IndexFunc(e.Documents, func(d Document) bool { return d.ID == id })
	if i < 0 {
		return Document{}, false
	}
	return e.Documents[i], true
}

// FieldsOf returns the fields that the recipient fills.
func (e Envelope) FieldsOf(r Recipient) []Field {
	var own []Field
	for _, f := range e.Fields {
		if f.Recipient == r.Place {
			own = append(own, f)
		}
	}
	return own
}

// clone lets a verb change the envelope without touching its caller's copy.
func (e Envelope) clone() Envelope {
	e.Recipients = slices.Clone(e.Recipients)
	return e
}
