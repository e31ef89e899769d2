package api

import (
	"encoding/json"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// The shapes that a client sends. What they mean, and most of what they may
// hold, is said by package envelope; here stands only what JSON needs.

// Content is what a sender says of an envelope.
type Content struct {
	Title        string      `json:"title,omitempty" example:"Rental agreement" doc:"One line, at most 200 characters. Needed."`
	Message      string      `json:"message,omitempty" doc:"What the recipients read; at most 5000 characters."`
	Tags         []string    `json:"tags,omitempty" example:"[\"renewal\"]" doc:"Words to find and sort by, for your team and its programs alone: at most 10, each of 1 to 50 characters. What is said twice is one tag; upper and lower case differ."`
	Documents    []string    `json:"documents,omitempty" example:"[\"doc_01kbxq4m6hf5jt2z9w8r7e3c1a\"]" doc:"Ids of uploaded documents, at most 10."`
	Recipients   []Addressee `json:"recipients,omitempty" doc:"At most 100."`
	Quorums      []Quorum    `json:"quorums,omitempty" doc:"Steps that go on before everybody in them has acted."`
	Fields       []Place     `json:"fields,omitempty" doc:"Places to fill, at most 1000."`
	Reminders    *Reminders  `json:"reminders,omitempty" doc:"Without it nobody is reminded."`
	ExpiresAfter string      `json:"expires_after,omitempty" example:"720h" doc:"From sending to expiry, as hours, minutes and seconds; 2880h (120 days) unless said."`
}

// NewEnvelope is a draft, sent at once if asked.
type NewEnvelope struct {
	Content
	Send bool `json:"send,omitempty" doc:"Send it at once. If that is refused, nothing is created."`
}

// Amendment changes the members of a draft that it names.
type Amendment struct {
	Title        *string    `json:"title,omitempty" doc:"One line, at most 200 characters."`
	Message      *string    `json:"message,omitempty" doc:"At most 5000 characters."`
	Tags         *[]string  `json:"tags,omitempty" doc:"Replaces the list."`
	Documents    *[]string  `json:"documents,omitempty" doc:"Replaces the list."`
	Quorums      *[]Quorum  `json:"quorums,omitempty" doc:"Replaces the list."`
	Reminders    *Reminders `json:"reminders,omitempty" doc:"Replaces the reminders."`
	ExpiresAfter *string    `json:"expires_after,omitempty" example:"720h"`
}

// Addressee is a recipient to be.
type Addressee struct {
	Ref   string `json:"ref,omitempty" maxLength:"100" example:"tenant" doc:"A name for the fields of the same request to use; it is not kept."`
	Name  string `json:"name,omitempty" example:"Ada Lovelace" doc:"One line, at most 200 characters. Needed."`
	Email string `json:"email,omitempty" example:"ada@example.com" doc:"A bare address. Needed."`
	Role  string `json:"role,omitempty" enum:"signer,approver,viewer,cc" default:"signer" doc:"What is asked of the recipient."`
	Step  int    `json:"step,omitempty" minimum:"0" default:"1" doc:"1 is asked first; equal steps act at the same time; at most 100."`
	Zone  string `json:"zone,omitempty" example:"Europe/Paris" doc:"IANA time zone, for reminders and letters; UTC unless said."`
}

// RecipientChange changes what it names. Once the envelope is sent only name
// and email can change.
type RecipientChange struct {
	Name  *string `json:"name,omitempty"`
	Email *string `json:"email,omitempty"`
	Role  *string `json:"role,omitempty" enum:"signer,approver,viewer,cc"`
	Step  *int    `json:"step,omitempty" doc:"From 1 to 100."`
	Zone  *string `json:"zone,omitempty"`
}

// Quorum lets a step go on when that many of its recipients have acted.
type Quorum struct {
	Step int `json:"step"`
	Need int `json:"need"`
}

// Place is a field to be. Points are 1/72 inch, counted from the top left corner
// of the page as displayed.
type Place struct {
	Recipient Pointer `json:"recipient" doc:"A ref of this request, a recipient's id, or a position in the list of recipients counted from 1."`
	Document  string  `json:"document,omitempty" doc:"Needed when the envelope has several documents."`
	Page      int     `json:"page" doc:"1 is the first."`
	Kind      string  `json:"kind" enum:"signature,initials,text,date,checkbox"`
	X         float64 `json:"x" doc:"Points from the left edge."`
	Y         float64 `json:"y" doc:"Points from the top edge."`
	Width     float64 `json:"width" doc:"Points, at least 6."`
	Height    float64 `json:"height" doc:"Points, at least 6."`
	Label     string  `json:"label,omitempty" maxLength:"200"`
	Value     string  `json:"value,omitempty" doc:"Filled in beforehand; at most 2000 characters."`
	Optional  bool    `json:"optional,omitempty"`
}

// FieldChange changes what it names.
type FieldChange struct {
	Recipient *Pointer `json:"recipient,omitempty"`
	Document  *string  `json:"document,omitempty"`
	Page      *int     `json:"page,omitempty"`
	Kind      *string  `json:"kind,omitempty" enum:"signature,initials,text,date,checkbox"`
	X         *float64 `json:"x,omitempty"`
	Y         *float64 `json:"y,omitempty"`
	Width     *float64 `json:"width,omitempty"`
	Height    *float64 `json:"height,omitempty"`
	Label     *string  `json:"label,omitempty" maxLength:"200"`
	Value     *string  `json:"value,omitempty"`
	Optional  *bool    `json:"optional,omitempty"`
}

// Reminders say when recipients who do not answer are written to again.
type Reminders struct {
	FirstAfter   string `json:"first_after" example:"72h" doc:"After being asked; at least a minute. Whole days keep the hour of the recipient's clock."`
	Every        string `json:"every,omitempty" example:"48h" doc:"After that; without it there is one reminder."`
	AtMost       int    `json:"at_most,omitempty" default:"3" doc:"Reminders in all, 1 to 30."`
	BusinessDays bool   `json:"business_days,omitempty" doc:"Those that fall on a weekend wait for Monday."`
}

// Pointer names a recipient: by ref or id when it is text, by position when it
// is a number.
type Pointer struct {
	Name     string
	Position int
}

// UnmarshalJSON takes text or a whole number.
func (p *Pointer) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &p.Name)
	}
	return json.Unmarshal(data, &p.Position)
}

// Schema is text or a whole number.
func (p *Pointer) Schema(huma.Registry) *huma.Schema {
	first := 1.0
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString}, {Type: huma.TypeInteger, Minimum: &first},
	}}
}

// utc writes every time alike: RFC 3339 in UTC, to the millisecond at most.
func utc(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
