// Package mapping says how a record becomes an envelope and what goes back into
// the record.
//
// A Mapping is a small document that people keep in the hub or in git:
//
//	mapping: Contract
//	record: Opportunity
//	start: {on: [updated], when: 'record.StageName == "Proposal"'}
//	documents: [{template: contract}]
//	title: {text: "Contract for {{Account.Name}}"}
//	tags: [{text: contracts}, {path: Region}]
//	recipients:
//	  - {ref: customer, name: {path: Contact.Name}, email: {path: Contact.Email}}
//	back:
//	  - on: envelope.completed
//	    fields: [{field: StageName, text: Closed Won}]
//	    files: [{what: documents}]
//
// In place of on, schedule: "0 8 * * 1-5" looks at all records at its times in the
// mapping's zone, every 15 minutes at most; start.when may ask for now, for what only
// time brings about.
//
// Each value is a Row: a path into the record, a text with merge tokens, or a CEL
// expression where those do not reach; then a transform, and a default for when
// there is nothing. Read reads the document, Check compares it with what the system
// says of its fields, Compile makes it ready, and Apply and Back are pure.
package mapping

import "time"

// Mapping is the whole of it.
type Mapping struct {
	Name       string      `yaml:"mapping" json:"mapping"`
	Record     string      `yaml:"record" json:"record"`                     // type of record that it is about
	Locale     string      `yaml:"locale,omitempty" json:"locale,omitempty"` // BCP 47; "" is en
	Zone       string      `yaml:"zone,omitempty" json:"zone,omitempty"`     // IANA; "" is UTC
	Start      Start       `yaml:"start,omitempty" json:"start"`
	Documents  []Document  `yaml:"documents" json:"documents"`
	Title      Row         `yaml:"title" json:"title"`
	Message    Row         `yaml:"message,omitempty" json:"message"`
	Tags       []Row       `yaml:"tags,omitempty" json:"tags,omitempty"` // of the envelope; one without a value is left out
	Recipients []Recipient `yaml:"recipients" json:"recipients"`
	Quorums    []Quorum    `yaml:"quorums,omitempty" json:"quorums,omitempty"`
	Values     []Value     `yaml:"values,omitempty" json:"values,omitempty"`
	Expires    string      `yaml:"expires,omitempty" json:"expires,omitempty"` // after sending, such as 336h; "" is the hub's own figure
	Back       []Back      `yaml:"back,omitempty" json:"back,omitempty"`

	Written string `yaml:"-" json:"written,omitempty"` // as its author wrote it, comments and all; "" before that was kept
}

// Start says what begins a journey. Without On and Schedule it is a call of the API.
type Start struct {
	On       []string `yaml:"on,omitempty" json:"on,omitempty"`             // created, updated
	Schedule string   `yaml:"schedule,omitempty" json:"schedule,omitempty"` // cron of five fields in the mapping's zone: all records are looked at
	When     string   `yaml:"when,omitempty" json:"when,omitempty"`         // CEL over record and now; true lets it begin
}

// Document is what is signed: a template that is filled with the record.
type Document struct {
	Template string `yaml:"template" json:"template"`
	Name     Row    `yaml:"name,omitempty" json:"name"`
	Each     string `yaml:"each,omitempty" json:"each,omitempty"` // CEL; true includes it, "" always
}

// Recipient is somebody who must act, found by way of the record.
type Recipient struct {
	Ref   string `yaml:"ref" json:"ref"`
	Role  string `yaml:"role,omitempty" json:"role,omitempty"` // "" is signer
	Step  int    `yaml:"step,omitempty" json:"step,omitempty"` // 0 is 1
	Name  Row    `yaml:"name" json:"name"`
	Email Row    `yaml:"email" json:"email"`
	Zone  Row    `yaml:"zone,omitempty" json:"zone"`
	When  string `yaml:"when,omitempty" json:"when,omitempty"` // CEL; true includes them, "" always
}

// Quorum lets a step go on when need of its recipients have acted.
type Quorum struct {
	Step int `yaml:"step" json:"step"`
	Need int `yaml:"need" json:"need"`
}

// Value fills a field of the documents before anybody sees it.
type Value struct {
	Field string `yaml:"field" json:"field"` // by its label
	Row   `yaml:",inline"`
}

// Row is where one value comes from. One of Path, Text and CEL is set.
type Row struct {
	Path      string `yaml:"path,omitempty" json:"path,omitempty"`
	Text      string `yaml:"text,omitempty" json:"text,omitempty"` // with {{Path}} in it
	CEL       string `yaml:"cel,omitempty" json:"cel,omitempty"`
	Transform string `yaml:"transform,omitempty" json:"transform,omitempty"` // such as upper or date:dd.MM.yyyy
	Default   string `yaml:"default,omitempty" json:"default,omitempty"`
	Optional  bool   `yaml:"optional,omitempty" json:"optional,omitempty"` // nothing is fine
}

// Empty tells whether the row says nothing.
func (r Row) Empty() bool { return r == Row{} }

// Back is what goes back into the record when something has happened.
type Back struct {
	On     string  `yaml:"on" json:"on"` // event, such as envelope.completed
	Fields []Write `yaml:"fields,omitempty" json:"fields,omitempty"`
	Files  []File  `yaml:"files,omitempty" json:"files,omitempty"`
}

// Write fills a field of the record.
type Write struct {
	Field  string `yaml:"field" json:"field"`
	Row    `yaml:",inline"`
	Policy Policy `yaml:"policy,omitempty" json:"policy,omitempty"`
}

// Policy says who wins when the record's field was changed by somebody else
// meanwhile.
type Policy string

const (
	OursWins   Policy = "ours" // also ""
	TheirsWins Policy = "theirs"
	Ask        Policy = "ask" // a person decides
)

// File hangs something on the record.
type File struct {
	What string `yaml:"what" json:"what"` // documents, trail
	Name Row    `yaml:"name,omitempty" json:"name"`
	To   string `yaml:"to,omitempty" json:"to,omitempty"` // path to the id of another record; "" is the record itself
}

// What can be filed.
const (
	FileDocuments = "documents"
	FileTrail     = "trail"
)

// Limits of a mapping: more than anybody writes by hand.
const (
	MaxSize       = 256 << 10 // bytes of the YAML
	MaxRows       = 500
	MaxExpression = 4000 // bytes of one expression or text
	MaxPathDepth  = 6    // names in a path; systems join no deeper

	// MinSchedule is how much time lies between two looks at all records of a type.
	MinSchedule = 15 * time.Minute
)
