package hubspot

import (
	"context"
	"net/http"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// standard object types, which every account has.
var standard = []string{"companies", "contacts", "deals", "line_items", "products", "quotes", "tickets"}

// Types are the standard ones and the account's own.
func (a *account) Types(ctx context.Context) ([]string, error) {
	var got struct {
		Results []struct {
			ObjectTypeID string `json:"objectTypeId"`
		} `json:"results"`
	}
	_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: "/crm/v3/schemas"}, &got)
	if connectors.TroubleOf(err) == connectors.Refused && err != nil { // accounts without custom objects may not ask
		return standard, nil
	}
	all := append([]string{}, standard...)
	for _, own := range got.Results {
		all = append(all, own.ObjectTypeID)
	}
	return all, err
}

// kinds of HubSpot's properties.
var kinds = map[string]connectors.FieldKind{
	"string": connectors.Text, "phone_number": connectors.Text, "number": connectors.Number, "bool": connectors.Boolean,
	"date": connectors.Date, "datetime": connectors.Moment, "enumeration": connectors.Choice,
}

// Describe asks for the properties; every standard type can be associated.
func (a *account) Describe(ctx context.Context, recordType string) (connectors.Schema, error) {
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
	schema := connectors.Schema{Type: recordType, Label: recordType, Fields: []connectors.Field{{Name: "id", Label: "Record id", Kind: connectors.Text}}}
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
	for _, other := range standard {
		schema.Fields = append(schema.Fields, connectors.Field{Label: other, Kind: connectors.Other, Related: other, Refers: other, Many: true})
	}
	return schema, nil
}
