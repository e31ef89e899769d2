package salesforcetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// row holds the fields of a record as they are shown: texts, bools, json.Number, and
// bytes for a file. Once it is told of, a row is not changed but replaced.
type row map[string]any

func (r row) text(name string) string {
	text, _ := r[name].(string)
	return text
}

// store is all that the org knows, and who it is. The mutex of Org guards it.
type store struct {
	types   []*object
	tables  map[string]*table // by name of the object
	counted map[string]int    // ids given out, by prefix
	seeded  Seeded
}

// table keeps the records of an object in the order in which they were made.
type table struct {
	rows    map[string]row
	order   []string
	deleted map[string]bool
}

func newStore() store {
	s := store{types: objects(), tables: map[string]*table{}, counted: map[string]int{}}
	for _, o := range s.types {
		s.tables[o.name] = &table{rows: map[string]row{}, deleted: map[string]bool{}}
	}
	return s
}

func (s *store) object(name string) (*object, bool) {
	i := slices.IndexFunc(s.types, func(o *object) bool { return strings.EqualFold(o.name, name) })
	if i < 0 {
		return nil, false
	}
	return s.types[i], true
}

// find returns a record by id of 15 or 18 characters.
func (s *store) find(o *object, id string) (row, bool) {
	whole, ok := wholeID(id)
	if !ok {
		return nil, false
	}
	r, ok := s.tables[o.name].rows[whole]
	return r, ok
}

// match lists the records of which a field has this value.
func (s *store) match(o *object, field string, value any) []row {
	var found []row
	for _, r := range s.all(o) {
		if same(r[field], value) {
			found = append(found, r)
		}
	}
	return found
}

func (s *store) all(o *object) []row {
	t := s.tables[o.name]
	found := make([]row, 0, len(t.order))
	for _, id := range t.order {
		if r, there := t.rows[id]; there {
			found = append(found, r)
		}
	}
	return found
}

// same compares values as Salesforce does: texts whatever their case.
func same(a, b any) bool {
	x, ok := a.(string)
	y, also := b.(string)
	if ok && also {
		return strings.EqualFold(x, y)
	}
	return a == b
}

// tx is a row of changes that all happen or none.
type tx struct {
	o       *Org
	client  string // in Sforce-Call-Options
	version string // of the API
	changes []change
	undo    []func()
}

// change is one record that was changed, for whoever wants to hear of it.
type change struct {
	object        *object
	id, how       string // CREATE, UPDATE, DELETE
	before, after row
}

func (o *Org) begin(client string) *tx { return &tx{o: o, client: client, version: "64.0"} }

// settle keeps the changes without telling anybody.
func (t *tx) settle() { t.changes, t.undo = nil, nil }

// commit keeps the changes and tells of them.
func (t *tx) commit() {
	t.o.bus.tell(t)
	t.o.outbound.tell(t.changes, t.o.faults.Twice)
	t.settle()
}

func (t *tx) mark() (changes, undo int) { return len(t.changes), len(t.undo) }

// back undoes everything since a mark.
func (t *tx) back(changes, undo int) {
	for _, u := range slices.Backward(t.undo[undo:]) {
		u()
	}
	t.changes, t.undo = t.changes[:changes], t.undo[:undo]
}

// put writes a row, or removes it when it is nil.
func (t *tx) put(o *object, id string, r row) {
	table := t.o.store.tables[o.name]
	before, had := table.rows[id]
	t.undo = append(t.undo, func() {
		delete(table.deleted, id)
		if had {
			table.rows[id] = before
			return
		}
		delete(table.rows, id)
		table.order = slices.DeleteFunc(table.order, func(other string) bool { return other == id })
	})
	how := "UPDATE"
	switch {
	case r == nil:
		how = "DELETE"
		delete(table.rows, id)
		table.deleted[id] = true
	case !had:
		how = "CREATE"
		table.order = append(table.order, id)
		fallthrough
	default:
		table.rows[id] = r
	}
	t.changes = append(t.changes, change{o, id, how, before, r})
}

// insert makes a record.
func (t *tx) insert(name string, fields row) (string, *apiError) {
	o, ok := t.o.store.object(name)
	if !ok {
		return "", notFound()
	}
	if _, given := caseless(fields, "Id"); given {
		return "", fault("INVALID_FIELD", "The Id field should not be specified in the sobject data.", "Id")
	}
	made, err := t.check(o, fields, nil)
	if err != nil {
		return "", err
	}
	if o.event {
		return t.o.bus.publish(t, o, made), nil
	}
	t.o.store.counted[o.prefix]++
	id := newID(o.prefix, t.o.store.counted[o.prefix])
	now, by := stamp(t.o.now()), cmp.Or(t.o.UserID, id)
	for _, c := range o.fields {
		if _, there := made[c.name]; !there {
			made[c.name] = c.falls
		}
	}
	made["Id"], made["IsDeleted"] = id, false
	made["CreatedDate"], made["LastModifiedDate"], made["SystemModstamp"] = now, now, now
	made["CreatedById"], made["LastModifiedById"] = by, by
	if _, has := o.column("OwnerId"); has && made["OwnerId"] == nil {
		made["OwnerId"] = by
	}
	if o.name == "ContentVersion" {
		t.publishFile(made)
	}
	t.o.store.derive(o, made)
	t.put(o, id, made)
	if o.name == "ContentVersion" {
		t.linkFile(made)
	}
	return id, nil
}

// update changes a record.
func (t *tx) update(o *object, id string, fields row) *apiError {
	before, there := t.o.store.find(o, id)
	if whole, ok := wholeID(id); !there && ok && t.o.store.tables[o.name].deleted[whole] {
		return &apiError{Message: "entity is deleted", ErrorCode: "ENTITY_IS_DELETED", Fields: []string{}, status: 404}
	}
	if !there {
		return notFound()
	}
	changed, err := t.check(o, fields, before)
	if err != nil {
		return err
	}
	after := maps.Clone(before)
	maps.Copy(after, changed)
	now := stamp(t.o.now())
	after["LastModifiedDate"], after["SystemModstamp"], after["LastModifiedById"] = now, now, t.o.UserID
	t.o.store.derive(o, after)
	t.put(o, before.text("Id"), after)
	return nil
}

func (t *tx) remove(o *object, id string) *apiError {
	before, there := t.o.store.find(o, id)
	if whole, ok := wholeID(id); !there && ok && t.o.store.tables[o.name].deleted[whole] {
		return &apiError{Message: "entity is deleted", ErrorCode: "ENTITY_IS_DELETED", Fields: []string{}, status: 404}
	}
	if !there {
		return notFound()
	}
	t.put(o, before.text("Id"), nil)
	return nil
}

// derive fills what follows from other fields.
func (s *store) derive(o *object, r row) {
	switch o.name {
	case "Contact", "User":
		r["Name"] = strings.TrimSpace(r.text("FirstName") + " " + r.text("LastName"))
	case "Opportunity":
		r["IsWon"] = r.text("StageName") == "Closed Won"
		r["IsClosed"] = strings.HasPrefix(r.text("StageName"), "Closed")
	case "OpportunityLineItem":
		r["TotalPrice"] = times(r["Quantity"], r["UnitPrice"])
		opportunity, _ := s.object("Opportunity")
		product, _ := s.object("Product2")
		of, _ := s.find(opportunity, r.text("OpportunityId"))
		what, _ := s.find(product, r.text("Product2Id"))
		r["Name"] = strings.TrimSpace(of.text("Name") + " " + what.text("Name"))
	}
}

func caseless(r row, name string) (any, bool) {
	for key, value := range r {
		if strings.EqualFold(key, name) {
			return value, true
		}
	}
	return nil, false
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
