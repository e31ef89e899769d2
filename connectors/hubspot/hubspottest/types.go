package hubspottest

import (
	"fmt"
	"net/http"
	"strings"
)

// property of a type.
type property struct {
	name, kind string
	readOnly   bool
	choices    []string
}

// objectType is a type with its records.
type objectType struct {
	name       string
	note       int // how a note hangs on it; 0 is not at all
	properties []property
	records    map[string]*record
}

type record struct {
	id       string
	values   map[string]string
	created  string
	updated  string
	archived bool
}

// stamp is the property that holds the time of the last change.
func (t *objectType) stamp() string {
	if t.name == "contacts" {
		return "lastmodifieddate"
	}
	return "hs_lastmodifieddate"
}

func newTypes() map[string]*objectType {
	text := func(names ...string) []property {
		var all []property
		for _, name := range names {
			all = append(all, property{name: name, kind: "string"})
		}
		return all
	}
	types := map[string]*objectType{}
	for _, t := range []objectType{
		{name: "deals", note: 214, properties: append(text("dealname", "signed_by", "description"), property{name: "amount", kind: "number"},
			property{name: "closedate", kind: "datetime"}, property{name: "dealstage", kind: "enumeration", choices: []string{"contractsent", "closedwon"}},
			property{name: "hs_is_closed", kind: "bool", readOnly: true})},
		{name: "contacts", note: 202, properties: text("email", "firstname", "lastname")},
		{name: "companies", note: 190, properties: text("name", "city")},
		{name: "products", properties: text("name", "hs_sku")},
		{name: "line_items", properties: append(text("name"), property{name: "quantity", kind: "number"})},
		{name: "notes", properties: append(text("hs_note_body", "hs_attachment_ids"), property{name: "hs_timestamp", kind: "datetime"})},
		{name: ownType, note: 77, properties: text("title")},
	} {
		t.properties = append(t.properties, property{name: t.stamp(), kind: "datetime", readOnly: true}, property{name: "hs_object_id", kind: "number", readOnly: true},
			property{name: "createdate", kind: "datetime", readOnly: true})
		t.records = map[string]*record{}
		types[t.name] = &t
	}
	return types
}

// ownType is a type that the account has made for itself. HubSpot knows it by its id and
// by its full name, which may leave the account's id out; not by its name alone.
const ownType = "2-77001"

var ownFullName = fmt.Sprintf("p%d_agreements", Portal)

// typeIDs are other names of types.
var typeIDs = map[string]string{ownFullName: ownType, "p_agreements": ownType, "0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-7": "products", "0-8": "line_items", "0-46": "notes"}

func (a *Account) typeOf(name string) (*objectType, *answer) {
	if other, there := typeIDs[name]; there {
		name = other
	}
	if t, there := a.types[name]; there {
		return t, nil
	}
	unknown := refusal(http.StatusBadRequest, "VALIDATION_ERROR", "Unable to infer object type from: "+name)
	return nil, &unknown
}

// along is under what name associations to this type come along with an object.
func (t *objectType) along() string {
	if t.name == ownType {
		return ownFullName
	}
	return strings.ReplaceAll(t.name, "_", " ")
}

func (t *objectType) property(name string) (property, bool) {
	for _, p := range t.properties {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

func (a *Account) properties(typeName string) answer {
	t, unknown := a.typeOf(typeName)
	if unknown != nil {
		return *unknown
	}
	all := []any{}
	for _, p := range t.properties {
		options := []any{}
		for i, choice := range p.choices {
			options = append(options, map[string]any{"label": strings.ToUpper(choice), "value": choice, "displayOrder": i, "hidden": false})
		}
		all = append(all, map[string]any{"name": p.name, "label": strings.ToUpper(p.name), "type": p.kind, "fieldType": "text", "groupName": "information", "description": "",
			"options": options, "hasUniqueValue": false, "hidden": false, "formField": true, "calculated": p.readOnly, "externalOptions": false,
			"modificationMetadata": map[string]any{"archivable": true, "readOnlyDefinition": false, "readOnlyValue": p.readOnly}})
	}
	return ok(map[string]any{"results": all})
}
