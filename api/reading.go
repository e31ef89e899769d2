package api

import (
	"time"

	"chancery/envelope"
)

// The shapes that a client reads. A time that has not come is left out.

// Envelope as clients see it.
type Envelope struct {
	ID           string      `json:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Team         string      `json:"team" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Owner        string      `json:"owner,omitempty" doc:"The user, or the key that belongs to nobody, that made it."`
	Status       string      `json:"status" enum:"draft,sent,completed,declined,voided,expired"`
	Test         bool        `json:"test" doc:"From a sandbox: marked on every page, under untrusted certificates."`
	Title        string      `json:"title"`
	Message      string      `json:"message,omitempty"`
	Tags         []string    `json:"tags" nullable:"false"`
	Sender       Person      `json:"sender"`
	Reason       string      `json:"reason,omitempty" doc:"Why it was declined or voided."`
	Documents    []Document  `json:"documents" nullable:"false"`
	Recipients   []Recipient `json:"recipients" nullable:"false"`
	Quorums      []Quorum    `json:"quorums,omitempty"`
	Fields       []Field     `json:"fields" nullable:"false"`
	Reminders    *Reminders  `json:"reminders,omitempty"`
	ExpiresAfter string      `json:"expires_after" example:"720h0m0s"`
	CreatedAt    time.Time   `json:"created_at,omitzero"`
	SentAt       time.Time   `json:"sent_at,omitzero"`
	ExpiresAt    time.Time   `json:"expires_at,omitzero"`
	EndedAt      time.Time   `json:"ended_at,omitzero"`
	Outlook      Outlook     `json:"outlook"`
}

// Person is a name and a mail address.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"`
}

// Document is an uploaded PDF.
type Document struct {
	ID      string   `json:"id" example:"doc_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name    string   `json:"name" example:"agreement.pdf"`
	Pages   []Size   `json:"pages" nullable:"false"`
	Size    int64    `json:"size" doc:"Bytes of the file as it is kept."`
	SHA256  string   `json:"sha256" doc:"Of the file as it is kept, hexadecimal."`
	Removed []string `json:"removed,omitempty" nullable:"false" example:"[\"JavaScript\",\"XFA\"]" doc:"Kinds of what was taken out because it could change what signers see."`
	Report  *Report  `json:"report,omitempty" doc:"What was found in the upload. Left out for documents that came before there were reports."`
}

// Report is about an upload.
type Report struct {
	Outcome string   `json:"outcome" enum:"unchanged,normalised" doc:"unchanged: the file is kept byte for byte. normalised: it was written anew without what the reasons tell."`
	Size    int64    `json:"size" doc:"Bytes of the upload as it came."`
	SHA256  string   `json:"sha256" doc:"Of the upload as it came, hexadecimal."`
	Reasons []Reason `json:"reasons" nullable:"false"`
}

// Reason is one thing that was found in an upload.
type Reason struct {
	Code     string `json:"code" example:"pdf_active_content"`
	Severity string `json:"severity" enum:"note,normalised" doc:"note: left as it is. normalised: mended or taken out."`
	Sentence string `json:"sentence" example:"This PDF contains active content such as scripts."`
	Kind     string `json:"kind,omitempty" example:"JavaScript" doc:"Which one of several."`
	Where    string `json:"where,omitempty" example:"page 3" doc:"The first place."`
	Count    int    `json:"count,omitempty" doc:"Places, when there are several."`
}

// Size of a page as displayed, in points (1/72 inch).
type Size struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Recipient is a person in an envelope.
type Recipient struct {
	ID            string    `json:"id" example:"rcp_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name          string    `json:"name"`
	Email         string    `json:"email"`
	Role          string    `json:"role" enum:"signer,approver,viewer,cc"`
	Step          int       `json:"step"`
	Zone          string    `json:"zone,omitempty"`
	Status        string    `json:"status" enum:"waiting,released,signing,signed,approved,viewed,declined,delegated,excused,copied"`
	Reason        string    `json:"reason,omitempty" doc:"Why they declined or delegated."`
	DelegatedFrom string    `json:"delegated_from,omitempty" doc:"The recipient whose turn this was."`
	Reminded      int       `json:"reminded,omitempty" doc:"Reminders sent."`
	AskedAt       time.Time `json:"asked_at,omitzero"`
	ViewedAt      time.Time `json:"viewed_at,omitzero"`
	ActedAt       time.Time `json:"acted_at,omitzero"`
	Bounced       *Bounced  `json:"bounced,omitempty" doc:"Letters to the address come back. They are still asked, but not reminded; correct the address, or write again to this recipient."`
}

// Bounced says why letters do not reach a recipient.
type Bounced struct {
	At         time.Time `json:"at"`
	Reason     string    `json:"reason" example:"5.1.1 There is no such mailbox at that address." doc:"Begins with the status of RFC 3463 when it is known."`
	Complained bool      `json:"complained" doc:"The reader has reported a letter as unwanted."`
}

// Field is a place on a page that a recipient fills.
type Field struct {
	ID        string  `json:"id" example:"fld_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Recipient string  `json:"recipient"`
	Document  string  `json:"document"`
	Page      int     `json:"page"`
	Kind      string  `json:"kind" enum:"signature,initials,text,date,checkbox"`
	X         float64 `json:"x"`
	Y         float64 `json:"y"`
	Width     float64 `json:"width"`
	Height    float64 `json:"height"`
	Label     string  `json:"label,omitempty"`
	Value     string  `json:"value,omitempty"`
	Optional  bool    `json:"optional,omitempty"`
}

// Outlook answers why an envelope waits, what happens next, and when.
type Outlook struct {
	Why     string     `json:"why" doc:"One sentence."`
	Step    int        `json:"step,omitempty" doc:"The current step."`
	Waiting []string   `json:"waiting,omitempty" doc:"Recipients it waits for now."`
	Next    []Upcoming `json:"next,omitempty" doc:"What will happen by itself."`
}

// Upcoming is something that will happen by itself.
type Upcoming struct {
	What      string    `json:"what" enum:"reminder,expiry,release,seal"`
	Recipient string    `json:"recipient,omitempty"`
	At        time.Time `json:"at,omitzero" doc:"Left out: as soon as the current step is over."`
}

func envelopeShown(e envelope.Envelope) Envelope {
	shown := Envelope{
		ID: e.ID, Team: e.Team, Owner: e.Owner, Status: string(e.Status), Test: e.Test, Title: e.Title, Message: e.Message, Tags: same(e.Tags),
		Sender: Person(e.Sender), Reason: e.Reason, Reminders: remindersShown(e.Pace),
		ExpiresAfter: e.Lifetime.String(), Outlook: outlookShown(e.Outlook()),
		CreatedAt: utc(e.CreatedAt), SentAt: utc(e.SentAt), ExpiresAt: utc(e.ExpiresAt), EndedAt: utc(e.EndedAt),
		Documents:  each(e.Documents, documentShown),
		Recipients: each(e.Recipients, recipientShown),
		Fields:     each(e.Fields, fieldShown),
		Quorums:    each(e.Quorums, func(q envelope.Quorum) Quorum { return Quorum(q) }),
	}
	return shown
}

func documentShown(d envelope.Document) Document {
	return Document{
		ID: d.ID, Name: d.Name, Size: d.Size, SHA256: d.SHA256, Removed: d.Removed, Report: reportShown(d),
		Pages: each(d.Pages, func(s envelope.Size) Size { return Size(s) }),
	}
}

func reportShown(d envelope.Document) *Report {
	if d.Report == nil {
		return nil
	}
	shown := &Report{
		Outcome: "unchanged", Size: d.Report.Size, SHA256: d.Report.SHA256,
		Reasons: each(d.Report.Reasons, func(r envelope.Reason) Reason { return Reason(r) }),
	}
	if d.SHA256 != d.Report.SHA256 {
		shown.Outcome = "normalised"
	}
	return shown
}

func recipientShown(r envelope.Recipient) Recipient {
	return Recipient{
		ID: r.ID, Name: r.Person.Name, Email: r.Person.Email, Role: string(r.Role), Step: r.Step, Zone: r.Zone,
		Status: string(r.Status), Reason: r.Reason, DelegatedFrom: r.DelegatedFrom, Reminded: r.Reminded,
		AskedAt: utc(r.AskedAt), ViewedAt: utc(r.ViewedAt), ActedAt: utc(r.ActedAt),
		Bounced: bouncedShown(r),
	}
}

func bouncedShown(r envelope.Recipient) *Bounced {
	if !r.Bounced() {
		return nil
	}
	return &Bounced{At: utc(r.BouncedAt), Reason: r.BounceReason, Complained: r.Complained}
}

func fieldShown(f envelope.Field) Field {
	return Field{
		ID: f.ID, Recipient: f.Recipient, Document: f.Document, Page: f.Page, Kind: string(f.Kind),
		X: f.X, Y: f.Y, Width: f.Width, Height: f.Height, Label: f.Label, Value: f.Value, Optional: f.Optional,
	}
}

func remindersShown(p envelope.Pace) *Reminders {
	if p.First == 0 {
		return nil
	}
	shown := &Reminders{FirstAfter: p.First.String(), AtMost: p.Most, BusinessDays: p.BusinessDays}
	if p.Every > 0 {
		shown.Every = p.Every.String()
	}
	return shown
}

func outlookShown(o envelope.Outlook) Outlook {
	return Outlook{
		Why: o.Why, Step: o.Step, Waiting: o.Waiting,
		Next: each(o.Next, func(u envelope.Upcoming) Upcoming {
			return Upcoming{What: u.What, Recipient: u.Recipient, At: utc(u.At)}
		}),
	}
}

// same is a list that is shown as it is, and never nil.
func same[T any](all []T) []T { return each(all, func(one T) T { return one }) }

// each never answers nil, so that an empty list is written as one.
func each[From, To any](all []From, show func(From) To) []To {
	shown := make([]To, len(all))
	for i, one := range all {
		shown[i] = show(one)
	}
	return shown
}
