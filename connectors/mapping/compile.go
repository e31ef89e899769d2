package mapping

import (
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"golang.org/x/text/language"

	"chancery/envelope"
	"chancery/problem"
)

// Compiled is a mapping made ready: every expression read, every transform found.
type Compiled struct {
	Mapping Mapping

	place      place
	lifetime   time.Duration
	when       *expression
	title      row
	message    row
	tags       []row
	documents  []document
	recipients []recipient
	values     []value
	back       []back
}

type document struct {
	Document
	name row
	each *expression
}

type recipient struct {
	Recipient
	name, email, zone row
	when              *expression
}

type value struct {
	Value
	row row
}

type back struct {
	on     envelope.EventType
	fields []write
	files  []file
}

type write struct {
	Write
	row row
}

type file struct {
	File
	name row
}

// Compile makes a mapping ready. The first thing that is wrong is a problem with
// its place; Check finds all of them.
func Compile(m Mapping) (Compiled, error) {
	c := compiler{Compiled: Compiled{Mapping: m}}
	c.read()
	if len(c.faults) > 0 {
		return Compiled{}, c.faults[0]
	}
	return c.Compiled, nil
}

// compiler goes on after a fault, so that whoever writes a mapping sees all of them at once.
type compiler struct {
	Compiled
	faults []error
}

func (c *compiler) fault(err error) {
	if err != nil {
		c.faults = append(c.faults, err)
	}
}

func (c *compiler) read() {
	c.readPlace()
	c.readStart()
	c.counted()
	c.title = c.row(c.Mapping.Title, "title")
	c.message = c.row(c.Mapping.Message, "message")
	for i, r := range c.Mapping.Tags {
		r.Optional = true
		c.tags = append(c.tags, c.row(r, fmt.Sprintf("tags[%d]", i)))
	}
	for i, d := range c.Mapping.Documents {
		c.readDocument(d, fmt.Sprintf("documents[%d]", i))
	}
	for i, r := range c.Mapping.Recipients {
		c.readRecipient(r, fmt.Sprintf("recipients[%d]", i))
	}
	for i, v := range c.Mapping.Values {
		where := fmt.Sprintf("values[%d]", i)
		c.needed(v.Field, where+".field")
		c.values = append(c.values, value{v, c.row(v.Row, where)})
	}
	for i, b := range c.Mapping.Back {
		c.readBack(b, fmt.Sprintf("back[%d]", i))
	}
}

func (c *compiler) readPlace() {
	c.place = place{tag: language.English, zone: time.UTC}
	if c.Mapping.Locale != "" {
		tag, err := language.Parse(c.Mapping.Locale)
		if err != nil {
			c.fault(problem.Invalid("locale_unknown", "A locale is written like de or de-CH.").At("locale"))
		}
		c.place.tag = tag
	}
	if c.Mapping.Zone != "" {
		zone, err := time.LoadLocation(c.Mapping.Zone)
		if err != nil || c.Mapping.Zone == "Local" {
			c.fault(problem.Invalid("zone_unknown", "A time zone is not an IANA name.").At("zone"))
			zone = time.UTC
		}
		c.place.zone = zone
	}
	if c.Mapping.Expires != "" {
		lifetime, err := time.ParseDuration(c.Mapping.Expires)
		if err != nil {
			c.fault(problem.Invalid("duration_invalid", "A duration is not written like 72h or 1h30m.").At("expires"))
		}
		c.lifetime = lifetime
	}
}

func (c *compiler) readStart() {
	for i, on := range c.Mapping.Start.On {
		if on != "created" && on != "updated" {
			c.fault(problem.Invalid("trigger_unknown", "A mapping starts when a record is created or updated.").At("start.on[%d]", i))
		}
	}
	c.when = c.truth(timed, c.Mapping.Start.When, "start.when")
	if fault := scheduled(c.Mapping.Start); fault != nil {
		c.fault(fault)
	}
}

// counted holds the mapping to what an envelope needs and can take.
func (c *compiler) counted() {
	m := c.Mapping
	c.needed(m.Name, "mapping")
	c.needed(m.Record, "record")
	rows := len(m.Tags) + len(m.Documents) + 3*len(m.Recipients) + len(m.Values)
	for _, b := range m.Back {
		rows += len(b.Fields) + len(b.Files)
	}
	switch {
	case rows > MaxRows:
		c.fault(problem.TooLarge("mapping_too_large", "A mapping has more than 500 rows."))
	case len(m.Tags) > envelope.MaxTags:
		c.fault(problem.TooLarge("too_many_tags", "There may be at most 10 tags.").At("tags"))
	case len(m.Documents) == 0:
		c.fault(problem.Invalid("document_missing", "A mapping needs a document.").At("documents"))
	case len(m.Documents) > envelope.MaxDocuments:
		c.fault(problem.TooLarge("too_many_documents", "An envelope has at most 10 documents.").At("documents"))
	case len(m.Recipients) == 0:
		c.fault(problem.Invalid("signer_missing", "A mapping needs a recipient.").At("recipients"))
	case len(m.Recipients) > envelope.MaxRecipients:
		c.fault(problem.TooLarge("too_many_recipients", "An envelope has at most 100 recipients.").At("recipients"))
	}
	if m.Title.Empty() {
		c.fault(problem.Invalid("title_missing", "A mapping needs a title for its envelopes.").At("title"))
	}
}

func (c *compiler) needed(text, where string) {
	if text == "" {
		c.fault(problem.Invalid("value_needed", "Something is needed here.").At("%s", where))
	}
}

func (c *compiler) row(r Row, where string) row {
	made, err := c.Mapping.ready(r, where, c.place)
	c.fault(err)
	return made
}

func (c *compiler) condition(source, where string) *expression {
	return c.truth(dialect, source, where)
}

func (c *compiler) truth(env *cel.Env, source, where string) *expression {
	if source == "" {
		return nil
	}
	made, err := compile(env, source)
	if err != nil {
		c.fault(at(err, where))
	}
	return &made
}

func (c *compiler) readDocument(d Document, where string) {
	c.needed(d.Template, where+".template")
	c.documents = append(c.documents, document{d, c.row(d.Name, where+".name"), c.condition(d.Each, where+".each")})
}

func (c *compiler) readRecipient(r Recipient, where string) {
	c.needed(r.Ref, where+".ref")
	for _, other := range c.recipients {
		if other.Ref == r.Ref {
			c.fault(problem.Invalid("ref_twice", "Two recipients have the same ref.").At("%s.ref", where))
		}
	}
	if r.Role == "" {
		r.Role = string(envelope.Signer)
	}
	if !envelope.Role(r.Role).Valid() {
		c.fault(problem.Invalid("role_unknown", "A role is signer, approver, viewer or cc.").At("%s.role", where))
	}
	r.Step = max(r.Step, 1)
	if r.Name.Empty() {
		c.fault(problem.Invalid("name_missing", "A recipient needs a name.").At("%s.name", where))
	}
	if r.Email.Empty() {
		c.fault(problem.Invalid("email_missing", "A recipient needs an email address.").At("%s.email", where))
	}
	c.recipients = append(c.recipients, recipient{r, c.row(r.Name, where+".name"), c.row(r.Email, where+".email"),
		c.row(r.Zone, where+".zone"), c.condition(r.When, where+".when")})
}

func (c *compiler) readBack(b Back, where string) {
	made := back{on: envelope.EventType(b.On)}
	if !envelope.KnownEventType(made.on) {
		c.fault(problem.Invalid("event_type_unknown", "There is no such event.").At("%s.on", where))
	}
	for i, w := range b.Fields {
		place := fmt.Sprintf("%s.fields[%d]", where, i)
		if !isName(w.Field) {
			c.fault(problem.Invalid("field_invalid", "A field of the record is needed here.").At("%s.field", place))
		}
		switch w.Policy {
		case "":
			w.Policy = OursWins
		case OursWins, TheirsWins, Ask:
		default:
			c.fault(problem.Invalid("policy_unknown", "A policy is ours, theirs or ask.").At("%s.policy", place))
		}
		made.fields = append(made.fields, write{w, c.row(w.Row, place)})
	}
	for i, f := range b.Files {
		place := fmt.Sprintf("%s.files[%d]", where, i)
		if f.What != FileDocuments && f.What != FileTrail {
			c.fault(problem.Invalid("file_unknown", "The documents and the trail can be filed.").At("%s.what", place))
		}
		if f.To != "" {
			if err := checkPath(f.To); err != nil {
				c.fault(at(err, place+".to"))
			}
		}
		made.files = append(made.files, file{f, c.row(f.Name, place+".name")})
	}
	c.back = append(c.back, made)
}
