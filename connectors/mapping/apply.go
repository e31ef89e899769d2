package mapping

import (
	"slices"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/problem"
)

// Draft is what a mapping makes of a record: everything that an envelope needs but
// the documents themselves.
type Draft struct {
	Title      string
	Message    string
	Tags       []string
	Documents  []DraftDocument
	Recipients []DraftRecipient
	Quorums    []Quorum
	Values     []DraftValue
	Lifetime   time.Duration // 0 is the hub's own figure
	Locale     string        // of the documents, as the mapping says it
	Zone       string
}

// DraftDocument is a template to fill with the record.
type DraftDocument struct {
	Template string
	Name     string // "" is the template's own
}

// DraftRecipient is a person found in the record.
type DraftRecipient struct {
	Ref   string
	Role  envelope.Role
	Step  int
	Name  string
	Email string
	Zone  string
}

// DraftValue fills a field.
type DraftValue struct {
	Field string
	Value string
}

// Starts tells whether the record is one that the mapping's condition is about now.
func (c Compiled) Starts(record map[string]any, now time.Time) (bool, error) {
	return holds(c.when, Source{Record: record, Now: now}, "start.when")
}

func holds(condition *expression, s Source, where string) (bool, error) {
	if condition == nil {
		return true, nil
	}
	truth, err := condition.holds(s)
	if err != nil {
		return false, at(err, where)
	}
	return truth, nil
}

// Paths are what the mapping reads of a record, for reading it in few calls.
func (c Compiled) Paths() []string {
	var all []string
	for _, r := range c.Mapping.read() {
		all = append(all, r.paths...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Apply makes a draft of a record. What the record lacks is a problem that names
// the row and the path.
func (c Compiled) Apply(record map[string]any) (Draft, error) {
	s := Source{Record: record}
	d := Draft{Quorums: c.Mapping.Quorums, Lifetime: c.lifetime, Locale: c.Mapping.Locale, Zone: c.Mapping.Zone}
	var err error
	if d.Title, err = c.title.line(s, envelope.MaxName); err != nil {
		return Draft{}, err
	}
	if d.Message, err = c.message.lines(s, envelope.MaxMessage); err != nil {
		return Draft{}, err
	}
	if d.Tags, err = c.tag(s); err != nil {
		return Draft{}, err
	}
	if d.Documents, err = c.drawUp(s); err != nil {
		return Draft{}, err
	}
	if d.Recipients, err = c.invite(s); err != nil {
		return Draft{}, err
	}
	for _, v := range c.values {
		filled, err := v.row.lines(s, envelope.MaxValue)
		if err != nil {
			return Draft{}, err
		}
		d.Values = append(d.Values, DraftValue{v.Field, filled})
	}
	return d, nil
}

// tag leaves out what the record has no word for.
func (c Compiled) tag(s Source) ([]string, error) {
	var all []string
	for _, r := range c.tags {
		word, err := r.line(s, envelope.MaxTag)
		if err != nil {
			return nil, err
		}
		if word = envelope.TidyTag(word); word != "" {
			all = append(all, word)
		}
	}
	return envelope.ReadTags(all)
}

func (c Compiled) drawUp(s Source) ([]DraftDocument, error) {
	var all []DraftDocument
	for _, d := range c.documents {
		there, err := holds(d.each, s, d.name.where)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		name, err := d.name.line(s, envelope.MaxName)
		if err != nil {
			return nil, err
		}
		all = append(all, DraftDocument{d.Template, name})
	}
	if len(all) == 0 {
		return nil, problem.Invalid("document_missing", "None of the mapping's documents is for this record.").At("documents")
	}
	return all, nil
}

func (c Compiled) invite(s Source) ([]DraftRecipient, error) {
	var all []DraftRecipient
	for _, r := range c.recipients {
		there, err := holds(r.when, s, r.name.where)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		made := DraftRecipient{Ref: r.Ref, Role: envelope.Role(r.Role), Step: r.Step}
		if made.Name, err = r.name.line(s, envelope.MaxName); err != nil {
			return nil, err
		}
		if made.Email, err = r.email.line(s, envelope.MaxEmail); err != nil {
			return nil, err
		}
		if made.Zone, err = r.zone.line(s, envelope.MaxName); err != nil {
			return nil, err
		}
		all = append(all, made)
	}
	if !slices.ContainsFunc(all, func(r DraftRecipient) bool { return r.Role == envelope.Signer }) {
		return nil, problem.Invalid("signer_missing", "None of the mapping's signers is in this record.").At("recipients")
	}
	return all, nil
}

// Outcome is what goes back into a record.
type Outcome struct {
	Fields []Filled
	Files  []Filing
}

// Filled is a field of the record with its new value: a string, a bool, a
// json.Number, or nil, which empties it.
type Filled struct {
	Field  string
	Value  any
	Policy Policy
}

// Filing is something to hang on a record.
type Filing struct {
	What string
	Name string // "" is the document's own
	To   string // id of another record; "" is the record itself
}

// maxBack is how long a text that goes back may be, in characters; systems cut or
// refuse more by themselves.
const maxBack = 32_000

// Back tells what an event writes back. Nothing of it is for events that no row is about.
func (c Compiled) Back(on envelope.EventType, s Source) (Outcome, error) {
	var out Outcome
	for _, b := range c.back {
		if b.on != on {
			continue
		}
		for _, w := range b.fields {
			value, err := w.row.value(s)
			if err != nil {
				return Outcome{}, err
			}
			if words, is := value.(string); is {
				value = cleanLines(words, maxBack)
			}
			out.Fields = append(out.Fields, Filled{w.Field, value, w.Policy})
		}
		for _, f := range b.files {
			filing, err := f.filing(s)
			if err != nil {
				return Outcome{}, err
			}
			out.Files = append(out.Files, filing)
		}
	}
	return out, nil
}

func (f file) filing(s Source) (Filing, error) {
	name, err := f.name.line(s, envelope.MaxName)
	if err != nil {
		return Filing{}, err
	}
	filing := Filing{What: f.What, Name: name}
	if f.To != "" {
		id, there := text(walk(s.Record, f.To))
		if !there {
			return Filing{}, problem.Invalid("value_missing", "The record has nothing here, and there is no default: "+f.To+".").At("%s.to", strings.TrimSuffix(f.name.where, ".name"))
		}
		filing.To = clean(id, envelope.MaxName)
	}
	return filing, nil
}

// Listens tells which events write something back.
func (c Compiled) Listens() []envelope.EventType {
	var all []envelope.EventType
	for _, b := range c.back {
		if !slices.Contains(all, b.on) {
			all = append(all, b.on)
		}
	}
	return all
}
