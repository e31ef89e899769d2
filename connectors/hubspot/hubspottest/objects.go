package hubspottest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// moment is how HubSpot writes times.
const moment = "2006-01-02T15:04:05.000Z"

func (a *Account) find(typeName, id string) (*objectType, *record, *answer) {
	t, unknown := a.typeOf(typeName)
	if unknown != nil {
		return nil, nil, unknown
	}
	r, there := t.records[id]
	if !there || r.archived {
		return nil, nil, &notFound
	}
	return t, r, nil
}

// shown is a record with these properties, or those that always come: null or nothing
// where one is empty, nothing where there is no such property. HubSpot's documentation
// says nothing for empty ones, and its own client is written for null.
func (a *Account) shown(t *objectType, r *record, properties []string) map[string]any {
	values := map[string]any{}
	for _, name := range append([]string{"createdate", t.stamp(), "hs_object_id"}, properties...) {
		if _, there := t.property(name); !there {
			continue
		}
		if value := r.values[name]; value != "" {
			values[name] = value
		} else if !a.Sparse {
			values[name] = nil
		}
	}
	return map[string]any{"id": r.id, "properties": values, "createdAt": r.created, "updatedAt": r.updated, "archived": false}
}

// list is a parameter that may be given once, with commas, or several times.
func list(given []string) []string {
	var all []string
	for _, text := range given {
		all = append(all, strings.FieldsFunc(text, func(r rune) bool { return r == ',' })...)
	}
	return all
}

func (a *Account) read(typeName, id string, query url.Values) answer {
	t, r, refused := a.find(typeName, id)
	if refused != nil {
		return *refused
	}
	shown := a.shown(t, r, list(query["properties"]))
	associations := map[string]any{}
	for _, name := range list(query["associations"]) {
		other, unknown := a.typeOf(name)
		if unknown != nil {
			return *unknown
		}
		ids := a.links[t.name+"/"+id+"/"+other.name]
		if len(ids) == 0 {
			continue
		}
		results := []any{}
		for _, one := range ids[:min(len(ids), a.Inline)] {
			results = append(results, map[string]any{"id": one, "type": strings.TrimSuffix(t.name, "s") + "_to_" + strings.TrimSuffix(other.name, "s")})
		}
		linked := map[string]any{"results": results}
		if len(ids) > a.Inline {
			linked["paging"] = next(ids[a.Inline-1])
		}
		associations[other.along()] = linked
	}
	if len(associations) > 0 {
		shown["associations"] = associations
	}
	return ok(shown)
}

func next(after string) map[string]any {
	return map[string]any{"next": map[string]any{"after": after, "link": "https://api.hubapi.com/?after=" + after}}
}

func (a *Account) readMany(typeName string, r *http.Request) answer {
	var asked struct {
		Properties []string            `json:"properties"`
		Inputs     []map[string]string `json:"inputs"`
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		return badJSON
	}
	t, unknown := a.typeOf(typeName)
	if unknown != nil {
		return *unknown
	}
	if len(asked.Inputs) > 100 {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "The maximum number of inputs supported in a batch request is 100")
	}
	results, missing := []any{}, []string{}
	for i := range asked.Inputs { // in an order of its own, as HubSpot does
		id := asked.Inputs[len(asked.Inputs)-1-i]["id"]
		if one, there := t.records[id]; there && !one.archived {
			results = append(results, a.shown(t, one, asked.Properties))
		} else {
			missing = append(missing, id)
		}
	}
	said := map[string]any{"status": "COMPLETE", "results": results, "startedAt": "2026-11-02T09:00:00.000Z", "completedAt": "2026-11-02T09:00:00.010Z"}
	if len(missing) == 0 {
		return ok(said)
	}
	said["numErrors"] = 1
	said["errors"] = []any{map[string]any{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some objects, they may be deleted or not exist.", "context": map[string]any{"ids": missing}}}
	return answer{status: http.StatusMultiStatus, body: said}
}

type input struct {
	Properties   map[string]any `json:"properties"`
	Associations []struct {
		To    struct{ ID string } `json:"to"`
		Types []struct {
			Category string `json:"associationCategory"`
			TypeID   int    `json:"associationTypeId"`
		} `json:"types"`
	} `json:"associations"`
}

// checked are the values as they are kept: texts. All are taken or none.
func (t *objectType) checked(given map[string]any) (map[string]string, *answer) {
	values := map[string]string{}
	var faults, details []any
	fault := func(name, code, message string) {
		faults = append(faults, map[string]any{"isValid": false, "message": message, "error": code, "name": name, "localizedErrorMessage": message})
		details = append(details, map[string]any{"message": message, "code": code, "context": map[string]any{"propertyName": []string{name}}})
	}
	for name, value := range given {
		p, there := t.property(name)
		text := ""
		if value != nil {
			text = fmt.Sprint(value)
		}
		_, notNumber := strconv.ParseFloat(text, 64)
		switch {
		case !there:
			fault(name, "PROPERTY_DOESNT_EXIST", fmt.Sprintf("Property %q does not exist", name))
		case p.readOnly:
			fault(name, "READ_ONLY_VALUE", fmt.Sprintf("%q is a read only property; its value cannot be set.", name))
		case text != "" && len(p.choices) > 0 && !slices.Contains(p.choices, text):
			fault(name, "INVALID_OPTION", fmt.Sprintf("%s was not one of the allowed options: %v", text, p.choices))
		case text != "" && p.kind == "number" && notNumber != nil:
			fault(name, "INVALID_DOUBLE", text+" was not a valid number.")
		}
		values[name] = text
	}
	if len(faults) > 0 {
		all, _ := json.Marshal(faults) // maps of our own
		refused := refusal(http.StatusBadRequest, "VALIDATION_ERROR", "Property values were not valid: "+string(all), details...)
		return nil, &refused
	}
	return values, nil
}

func (a *Account) change(typeName, id string, r *http.Request) answer {
	var asked input
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		return badJSON
	}
	t, found, refused := a.find(typeName, id)
	if refused != nil {
		return *refused
	}
	values, refused := t.checked(asked.Properties)
	if refused != nil {
		return *refused
	}
	a.put(t, found, values)
	var names []string
	for name := range values {
		names = append(names, name)
	}
	return ok(a.shown(t, found, names))
}

func (a *Account) put(t *objectType, r *record, values map[string]string) {
	for name, value := range values {
		r.values[name] = value
	}
	r.updated = a.now().Format(moment)
	r.values[t.stamp()] = r.updated
}

func (a *Account) create(typeName string, r *http.Request) answer {
	var asked input
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		return badJSON
	}
	t, unknown := a.typeOf(typeName)
	if unknown != nil {
		return *unknown
	}
	values, refused := t.checked(asked.Properties)
	if refused != nil {
		return *refused
	}
	type end struct {
		t  *objectType
		id string
	}
	var ends []end
	for _, association := range asked.Associations {
		for _, kind := range association.Types {
			other := a.hangs(t, kind.TypeID)
			if other == nil || other.records[association.To.ID] == nil || kind.Category != "HUBSPOT_DEFINED" {
				return refusal(http.StatusBadRequest, "VALIDATION_ERROR", fmt.Sprintf("%s is not a valid association from a %s", association.To.ID, t.name))
			}
			ends = append(ends, end{other, association.To.ID})
		}
	}
	made := a.insert(t, values)
	for _, e := range ends {
		a.link(t.name, made.id, e.t.name, e.id)
	}
	return answer{status: http.StatusCreated, body: a.shown(t, made, nil)}
}

// hangs is the type that a note hangs on by an association of this kind.
func (a *Account) hangs(from *objectType, kind int) *objectType {
	for _, t := range a.types {
		if from.name == "notes" && kind != 0 && t.note == kind {
			return t
		}
	}
	return nil
}

func (a *Account) insert(t *objectType, values map[string]string) *record {
	a.ids++
	made := &record{id: strconv.Itoa(a.ids), values: map[string]string{}}
	a.put(t, made, values)
	made.created = made.updated
	made.values["createdate"], made.values["hs_object_id"] = made.created, made.id
	t.records[made.id] = made
	return made
}

func (a *Account) link(from, id, to, other string) {
	a.links[from+"/"+id+"/"+to] = append(a.links[from+"/"+id+"/"+to], other)
	a.links[to+"/"+other+"/"+from] = append(a.links[to+"/"+other+"/"+from], id)
}

func (a *Account) labels(from, to string) answer {
	other, unknown := a.typeOf(to)
	if unknown != nil {
		return *unknown
	}
	results := []any{}
	if from == "notes" && other.note != 0 {
		results = append(results, map[string]any{"category": "USER_DEFINED", "typeId": 9, "label": "Contract"}, map[string]any{"category": "HUBSPOT_DEFINED", "typeId": other.note, "label": nil})
	}
	return ok(map[string]any{"results": results})
}

func (a *Account) associations(from, id, to string, query url.Values) answer {
	t, _, refused := a.find(from, id)
	if refused != nil {
		return *refused
	}
	other, unknown := a.typeOf(to)
	if unknown != nil {
		return *unknown
	}
	limit, err := strconv.Atoi(query.Get("limit"))
	if err != nil || limit < 1 || limit > 500 {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "limit must be between 1 and 500")
	}
	ids := a.links[t.name+"/"+id+"/"+other.name]
	if after := query.Get("after"); after != "" {
		ids = ids[slices.Index(ids, after)+1:]
	}
	results := []any{}
	for _, one := range ids[:min(len(ids), limit)] {
		results = append(results, map[string]any{"toObjectId": json.Number(one), "associationTypes": []any{map[string]any{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": nil}}})
	}
	said := map[string]any{"results": results}
	if len(ids) > limit {
		said["paging"] = next(ids[limit-1])
	}
	return ok(said)
}
