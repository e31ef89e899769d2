package salesforcetest

import "strings"

// attributes is what each record begins with.
func (r runner) attributes(o *object, id string) map[string]any {
	return map[string]any{"type": o.name, "url": r.base + "/sobjects/" + o.name + "/" + id}
}

// record is a record with what a query asked for.
func (r runner) record(q *soql, o *object, from row) (map[string]any, *apiError) {
	made := map[string]any{"attributes": r.attributes(o, from.text("Id"))}
	for _, s := range q.selects {
		if s.sub == nil {
			r.set(made, o, from, s.path)
			continue
		}
		kin, _ := o.kin(s.sub.from)
		of, _ := r.s.object(kin.object)
		rows, err := r.rows(s.sub, of, r.s.match(of, kin.field, from.text("Id")))
		if err != nil {
			return nil, err
		}
		records := make([]any, len(rows))
		for i, found := range rows {
			if records[i], err = r.record(s.sub, of, found); err != nil {
				return nil, err
			}
		}
		made[kin.relation] = nil
		if len(records) > 0 {
			made[kin.relation] = r.page(len(records), records)
		}
	}
	return made, nil
}

// set puts a value into a record, making the parents on the way.
func (r runner) set(made map[string]any, o *object, from row, path []string) {
	if len(path) > 1 {
		up, ok := o.parent(path[0])
		if !ok {
			r.set(made, o, from, path[1:])
			return
		}
		to, parent := r.up(o, from, path[0])
		if parent == nil {
			made[up.relation] = nil
			return
		}
		inside, _ := made[up.relation].(map[string]any)
		if inside == nil {
			inside = map[string]any{"attributes": r.attributes(to, parent.text("Id"))}
			made[up.relation] = inside
		}
		r.set(inside, to, parent, path[1:])
		return
	}
	if f, ok := o.column(path[0]); ok {
		made[f.name] = r.shown(o, from, f)
	}
}

// shown is a field as it is shown: bytes by where they are, an address in parts.
func (r runner) shown(o *object, from row, f column) any {
	switch f.kind {
	case "base64":
		return r.base + "/sobjects/" + o.name + "/" + from.text("Id") + "/" + f.name
	case "address":
		part := func(name string) any { return from[strings.TrimSuffix(f.name, "Address")+name] }
		return map[string]any{"street": part("Street"), "city": part("City"), "postalCode": part("PostalCode"), "country": part("Country"),
			"state": nil, "latitude": nil, "longitude": nil, "geocodeAccuracy": nil}
	}
	return from[f.name]
}

// whole is a record with the fields of that name, or all.
func (r runner) whole(o *object, from row, names []string) (map[string]any, *apiError) {
	made := map[string]any{"attributes": r.attributes(o, from.text("Id")), "Id": from["Id"]}
	if len(names) == 0 {
		for _, f := range o.fields {
			names = append(names, f.name)
		}
	}
	for _, name := range names {
		f, ok := o.column(strings.TrimSpace(name))
		if !ok {
			return nil, noColumn(name, name, o.name)
		}
		made[f.name] = r.shown(o, from, f)
	}
	return made, nil
}

// describe is what a client is told of an object.
func (r runner) describe(o *object) map[string]any {
	fields := make([]any, len(o.fields))
	for i, f := range o.fields {
		fields[i] = f.describe()
	}
	children := []any{}
	for _, c := range o.children {
		children = append(children, map[string]any{"childSObject": c.object, "field": c.field, "relationshipName": c.relation, "cascadeDelete": false})
	}
	made := r.brief(o)
	made["fields"], made["childRelationships"], made["recordTypeInfos"] = fields, children, []any{}
	return made
}

func (r runner) brief(o *object) map[string]any {
	url := r.base + "/sobjects/" + o.name
	return map[string]any{
		"name": o.name, "label": o.label, "labelPlural": o.label + "s", "keyPrefix": o.prefix, "custom": o.custom,
		"customSetting": false, "deprecatedAndHidden": false, "createable": true, "updateable": !o.event, "deletable": !o.event, "queryable": !o.event,
		"retrieveable": !o.event, "searchable": !o.event, "triggerable": true,
		"urls": map[string]any{"sobject": url, "describe": url + "/describe", "rowTemplate": url + "/{ID}"},
	}
}

// soapTypes are the names that the kinds have in SOAP, which describe tells too.
var soapTypes = map[string]string{
	"boolean": "xsd:boolean", "currency": "xsd:double", "double": "xsd:double", "percent": "xsd:double", "int": "xsd:int",
	"date": "xsd:date", "datetime": "xsd:dateTime", "base64": "xsd:base64Binary", "id": "tns:ID", "reference": "tns:ID", "address": "urn:address",
}

func (f column) describe() map[string]any {
	picks := []any{}
	for _, p := range f.picks {
		picks = append(picks, map[string]any{"active": true, "defaultValue": p == f.falls, "label": p, "validFor": nil, "value": p})
	}
	soap := soapTypes[f.kind]
	if soap == "" {
		soap = "xsd:string"
	}
	refers := f.refers
	if refers == nil {
		refers = []string{}
	}
	var relation any
	if f.relation != "" {
		relation = f.relation
	}
	return map[string]any{
		"name": f.name, "label": f.label, "type": f.kind, "soapType": soap, "length": f.length, "nillable": !f.required && f.kind != "boolean",
		"createable": f.create, "updateable": f.update, "defaultedOnCreate": f.falls != nil || f.name == "OwnerId", "externalId": f.external, "unique": f.unique,
		"idLookup": f.external || f.kind == "id", "custom": strings.HasSuffix(f.name, "__c"), "picklistValues": picks, "restrictedPicklist": f.strict,
		"referenceTo": refers, "relationshipName": relation, "filterable": f.kind != "base64" && f.kind != "address", "sortable": true, "calculated": false,
	}
}
