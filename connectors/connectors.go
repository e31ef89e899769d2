// Package connectors says what a connector is: how the hub reads a record of a
// system that people already use, and tells that system what became of it.
//
// A system is an adapter in a folder of its own behind the small interfaces here.
// Reader is what each must be; the others are talents, found by asking. How a
// record becomes an envelope is written down in a mapping (connectors/mapping);
// what happens in which order is a workflow.
//
// Every failure is one of Failure's kinds, so that the journey knows whether to
// wait, to sign in again, to read again or to ask a person.
package connectors

import (
	"context"
	"io"
	"time"
)

// Ref names a record in its system.
type Ref struct {
	Type string `json:"type"` // as the system calls it, such as Opportunity
	ID   string `json:"id"`
}

// Record is what was read of a record: fields by name, with related records inside
// as further maps, lists as []any, and numbers as json.Number, for a sum of money
// is not a float.
type Record struct {
	Ref
	Version string // changes whenever the record does; "" where the system has none
	Fields  map[string]any
}

// Reader reads a record with the fields at the given paths, such as Account.Name,
// in as few calls as the system allows.
type Reader interface {
	Read(ctx context.Context, ref Ref, paths []string) (Record, error)
}

// Finder lists records that changed since a moment, a page at a time. The cursor
// of the last page is "".
type Finder interface {
	Find(ctx context.Context, recordType string, since time.Time, cursor string) (found []Ref, next string, err error)
}

// Writer changes fields of a record that is still as it was at version; "" writes
// whatever has happened. It answers with the new version. A value of nil empties the field.
type Writer interface {
	Write(ctx context.Context, ref Ref, fields map[string]any, version string) (newVersion string, err error)
}

// File is something to hang on a record. Key makes a repeat harmless: what is there
// under the same key is not put there again.
type File struct {
	Key       string
	Name      string
	MediaType string
	Size      int64
	Open      func() (io.ReadCloser, error)
}

// Filer hangs files on a record and answers with the file's id in the system.
type Filer interface {
	File(ctx context.Context, ref Ref, f File) (id string, err error)
}

// News is something that happened to a record. It is a hint: the record is read
// again before anything follows from it.
type News struct {
	ID     string // the same for the same thing told twice
	Ref    Ref    // without an ID where the system does not say which record it is
	Kind   Kind
	Fields []string // that changed; nil where the system does not say
	Ours   bool     // we caused it ourselves
	At     time.Time
}

// Kind of news.
type Kind string

const (
	Created Kind = "created"
	Updated Kind = "updated"
	Deleted Kind = "deleted"
	Missed  Kind = "missed" // something happened and the system does not say what: read again
	Quiet   Kind = "quiet"  // nothing happened to any record; only the cursor moved on
)

// Watcher tells what happens from a cursor on; "" is from now. It calls tell with
// news and the cursor after it, and goes on when tell returns nil, until ctx ends.
type Watcher interface {
	Watch(ctx context.Context, recordTypes []string, cursor string, tell func(News, string) error) error
}

// Describer tells what fields a type of record has, for checking a mapping and for
// offering them on its page.
type Describer interface {
	Types(ctx context.Context) ([]string, error)
	Describe(ctx context.Context, recordType string) (Schema, error)
}

// Tester tells whether the credentials are good, and as whom they speak.
type Tester interface {
	Test(ctx context.Context) (as string, err error)
}

// Schema is what is known of a type of record.
type Schema struct {
	Type   string
	Open   bool // there may be more fields than these
	Label  string
	Fields []Field
}

// Field of a schema.
type Field struct {
	Name     string
	Label    string
	Kind     FieldKind
	Writable bool
	Required bool
	Length   int      // characters at most; 0 is no limit
	Choices  []string // of a Choice
	Refers   string   // type of the record that Related leads to; "" where it may be several
	Related  string   // name by which a path goes on into the related record, or records
	Many     bool     // Related is a list
}

// FieldKind is what a field holds.
type FieldKind string

const (
	Text     FieldKind = "text"
	Number   FieldKind = "number"
	Boolean  FieldKind = "boolean"
	Date     FieldKind = "date"     // a day without a zone
	Moment   FieldKind = "moment"   // a time
	Choice   FieldKind = "choice"   // one of Choices
	Relation FieldKind = "relation" // the id of another record
	Other    FieldKind = "other"    // what a path cannot read
)

// Field returns the field of that name.
func (s Schema) Field(name string) (Field, bool) {
	for _, f := range s.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Leads returns the field by which a path goes on into related records.
func (s Schema) Leads(related string) (Field, bool) {
	for _, f := range s.Fields {
		if f.Related == related && related != "" {
			return f, true
		}
	}
	return Field{}, false
}
