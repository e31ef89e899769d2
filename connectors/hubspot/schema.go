package hubspot

import (
	"context"
	"net/http"
	"slices"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// standard object types, which every account has.
var standard = []string{"companies", "contacts", "deals", "line_items", "products", "quotes", "tickets"}

// ownTypeOf is a type of the account's own, such as 2-77001 with the full name
// p62515_agreements. HubSpot takes either; it does not take the name alone.
type ownTypeOf struct {
	ID       string `json:"objectTypeId"`
	Name     string `json:"name"`
	FullName string `json:"fullyQualifiedName"`
}

// Types are the standard ones and the account's own.
func (a *account) Types(ctx context.Context) ([]string, error) {
	own, err := a.ownTypes(ctx)
	all := slices.Clone(standard)
	for _, one := range own {
		all = append(all, one.ID)
	}
	return all, err
}

func (a *account) ownTypes(ctx context.Context) ([]ownTypeOf, error) {
	var got struct {
		Results []ownTypeOf `json:"results"`
	}
	_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/crm/v3/schemas"}, &got)
	if connectors.TroubleOf(err) == connectors.Refused && err != nil { // accounts without custom objects may not ask
		return nil, nil
	}
	return got.Results, err
}

// kinds of HubSpot's properties.
var kinds = map[string]connectors.FieldKind{
	"string": connectors.Text, "phone_number": connectors.Text, "number": connectors.Number, "bool": connectors.Boolean,
	"date": connectors.Date, "datetime": connectors.Moment, "enumeration": connectors.Choice,
}

// Describe asks for the properties, and for the account's own types: they can be
// associated like every standard type, by their full name and by their id.
func (a *account) Describe(ctx context.Context, recordType string) (connectors.Schema, error) {
	schema, err := a.properties(ctx, recordType)
	if err != nil {
		return schema, err
	}
	own, err := a.ownTypes(ctx)
	if err != nil {
		return schema, err
	}
	leads := func(label, name, refers string) {
		schema.Fields = append(schema.Fields, connectors.Field{Label: label, Kind: connectors.Other, Related: name, Refers: refers, Many: true})
	}
	for _, other := range standard {
		leads(other, other, other)
	}
	for _, other := range own {
		leads(other.Name, other.FullName, other.ID)
		leads(other.Name, other.ID, other.ID)
	}
	return schema, nil
}

// properties are the fields of a type that are no associations.
func (a *account) properties(ctx context.Context, recordType string) (connectors.Schema, error) {
	var got struct {
		Results []struct {
			Name    string `json:"name"`
			Label   string `json:"label"`
			Type    string `json:"type"`
			Options []struct {
				Value string `json:"value"`
			} `json:"options"`
			Modification struct {
				ReadOnly bool `json:"readOnlyValue"`
			} `json:"modificationMetadata"`
		} `json:"results"`
	}
	schema := connectors.Schema{Type: recordType, Label: recordType, Fields: []connectors.Field{{Name: recordID, Label: "Record id", Kind: connectors.Text}}}
	path, err := rest.Segment(recordType)
	if err != nil {
		return schema, err
	}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/crm/v3/properties/" + path}, &got); err != nil {
		return schema, err
	}
	for _, p := range got.Results {
		field := connectors.Field{Name: p.Name, Label: p.Label, Kind: kinds[p.Type], Writable: !p.Modification.ReadOnly}
		if field.Kind == "" {
			field.Kind = connectors.Other
		}
		for _, o := range p.Options {
			field.Choices = append(field.Choices, o.Value)
		}
		schema.Fields = append(schema.Fields, field)
	}
	return schema, nil
}
