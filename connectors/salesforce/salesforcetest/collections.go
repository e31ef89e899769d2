package salesforcetest

import (
	"net/http"
	"strings"
)

// collection does the same with up to 200 records.
func (o *Org) collection(t *tx, q request, path []string) reply {
	if q.method == http.MethodDelete {
		var records []row
		for id := range strings.SplitSeq(q.query.Get("ids"), ",") {
			records = append(records, row{"id": id})
		}
		return o.each(t, records, q.query.Get("allOrNone") == "true", func(r row) (saved, *apiError) { return o.removeOne(t, r) })
	}
	data, _ := q.raw()
	var asked struct {
		AllOrNone bool     `json:"allOrNone"`
		Records   []row    `json:"records"`
		IDs       []string `json:"ids"`
		Fields    []string `json:"fields"`
	}
	if q.method != http.MethodGet {
		if err := decode(data, &asked); err != nil {
			return refused(err)
		}
	}
	switch {
	case len(path) == 1:
		return o.several(q, path[0], asked.IDs, asked.Fields)
	case len(path) == 2 && q.method == http.MethodPatch:
		return o.each(t, asked.Records, asked.AllOrNone, func(r row) (saved, *apiError) { return o.upsertOne(t, q, r, path[0], path[1]) })
	case q.method == http.MethodPost:
		return o.each(t, asked.Records, asked.AllOrNone, func(r row) (saved, *apiError) {
			id, err := t.insert(typeOf(r), without(r))
			return savedAs(id), err
		})
	case q.method == http.MethodPatch:
		return o.each(t, asked.Records, asked.AllOrNone, func(r row) (saved, *apiError) { return o.updateOne(t, r) })
	}
	return notAllowed(q)
}

// each does something with every record; a record that fails leaves nothing behind,
// and with allOrNone neither do the others.
func (o *Org) each(t *tx, records []row, allOrNone bool, do func(row) (saved, *apiError)) reply {
	if len(records) > maxCollection {
		return refused(fault("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call"))
	}
	all := make([]saved, len(records))
	first, undoFirst := t.mark()
	failed := false
	for i, r := range records {
		changes, undo := t.mark()
		done, err := do(r)
		if err != nil {
			t.back(changes, undo)
			done, failed = notSaved(err), true
		}
		all[i] = done
	}
	if failed && allOrNone {
		t.back(first, undoFirst)
		for i := range all {
			if all[i].Success {
				all[i] = notSaved(fault("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header"))
			}
		}
	}
	return ok(all)
}

func typeOf(r row) string {
	attributes, _ := r["attributes"].(map[string]any)
	name, _ := attributes["type"].(string)
	return name
}

// without is a record without what is not a field of it.
func without(r row, names ...string) row {
	made := row{}
	for name, value := range r {
		made[name] = value
	}
	for _, name := range append(names, "attributes") {
		for given := range made {
			if strings.EqualFold(given, name) {
				delete(made, given)
			}
		}
	}
	return made
}

// byID finds the object that an id belongs to.
func (o *Org) byID(id string) (*object, bool) {
	for _, object := range o.store.types {
		if strings.HasPrefix(id, object.prefix) {
			return object, true
		}
	}
	return nil, false
}

func (o *Org) updateOne(t *tx, r row) (saved, *apiError) {
	given, _ := caseless(r, "Id")
	id, _ := given.(string)
	if id == "" {
		return saved{}, fault("MISSING_ARGUMENT", "Id not specified in an update call")
	}
	object, known := o.byID(id)
	if !known {
		return saved{}, fault("MALFORMED_ID", "malformed id "+id, "Id")
	}
	return savedAs(id), t.update(object, id, without(r, "Id"))
}

func (o *Org) removeOne(t *tx, r row) (saved, *apiError) {
	object, known := o.byID(r.text("id"))
	if !known {
		return saved{}, fault("MALFORMED_ID", "malformed id "+r.text("id"))
	}
	return savedAs(r.text("id")), t.remove(object, r.text("id"))
}

func (o *Org) upsertOne(t *tx, q request, r row, name, field string) (saved, *apiError) {
	object, known := o.store.object(name)
	if !known {
		return saved{}, notFound()
	}
	by, known := object.column(field)
	value, _ := caseless(r, field)
	text, fine := value.(string)
	if !known || !by.external || !fine {
		return saved{}, fault("MISSING_ARGUMENT", field+" not specified")
	}
	answer := o.upsert(t, q, object, by, text, without(r, field))
	if bad, failed := answer.body.([]*apiError); failed {
		return saved{}, bad[0]
	}
	return answer.body.(saved), nil
}

// several reads many records of one object; one that is not there is null.
func (o *Org) several(q request, name string, ids, fields []string) reply {
	object, known := o.store.object(name)
	if !known {
		return refused(notFound())
	}
	if q.method == http.MethodGet {
		ids, fields = strings.Split(q.query.Get("ids"), ","), strings.Split(q.query.Get("fields"), ",")
	}
	all := make([]any, len(ids))
	for i, id := range ids {
		found, there := o.store.find(object, id)
		if !there {
			continue
		}
		made, err := o.runner(q).whole(object, found, fields)
		if err != nil {
			return refused(err)
		}
		all[i] = made
	}
	return ok(all)
}
