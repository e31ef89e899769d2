package api

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"chancery/envelope"
	"chancery/webhooks"
)

// CatalogueDialect is the JSON Schema in which the events are described.
const CatalogueDialect = "https://json-schema.org/draft/2020-12/schema"

// shapesOfEvents describes the body of every event by its type, with the parts that
// they share in the registry.
func shapesOfEvents(shared huma.Registry) map[string]*huma.Schema {
	all := map[string]*huma.Schema{
		webhooks.TrialEvent: eventShape(shared, webhooks.TrialEvent, trialMeaning, shared.Schema(reflect.TypeFor[webhooks.Trial](), true, "")),
	}
	for _, known := range envelope.EventTypes {
		data := shared.Schema(reflect.TypeFor[envelope.ToldData](), true, "")
		if known.Type.AboutRecipient() {
			who := shared.Schema(reflect.TypeFor[envelope.ToldRecipient](), true, "")
			data = &huma.Schema{AllOf: []*huma.Schema{data,
				{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"recipient": who}, Required: []string{"recipient"}}}}
		}
		all[string(known.Type)] = eventShape(shared, string(known.Type), known.Meaning, data)
	}
	return all
}

const trialMeaning = "Somebody tries the endpoint. It is sent when that is asked for, and at no other time."

func eventShape(shared huma.Registry, kind, meaning string, data *huma.Schema) *huma.Schema {
	told := huma.SchemaFromType(shared, reflect.TypeFor[envelope.Told]())
	return &huma.Schema{
		Type: huma.TypeObject, Title: kind, Description: meaning, Required: []string{"type", "timestamp", "data"},
		Properties: map[string]*huma.Schema{
			"type":      {Type: huma.TypeString, Enum: []any{kind}},
			"timestamp": told.Properties["timestamp"],
			"data":      data,
		},
	}
}

// describeEvents tells the contract what is posted to endpoints (OpenAPI 3.1, "webhooks").
func (a *api) describeEvents() {
	contract := a.huma.OpenAPI()
	contract.Webhooks = map[string]*huma.PathItem{}
	for kind, body := range shapesOfEvents(contract.Components.Schemas) {
		contract.Webhooks[kind] = &huma.PathItem{Post: &huma.Operation{
			OperationID: kind, Tags: []string{"Webhooks"}, Summary: body.Description, Parameters: eventHeaders(),
			RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: body}}},
			Responses: map[string]*huma.Response{
				"2XX":     {Description: "The event has arrived."},
				"410":     {Description: "The endpoint wants no more events, and is disabled."},
				"default": {Description: "It is sent again, by the schedule of Standard Webhooks 1.0; Retry-After is obeyed."},
			},
		}}
	}
}

func eventHeaders() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	return []*huma.Param{
		{Name: webhooks.HeaderID, In: "header", Required: true, Schema: text, Description: "The event's id, the same at every attempt."},
		{Name: webhooks.HeaderTimestamp, In: "header", Required: true, Schema: text, Description: "When this attempt was made, in seconds since 1970."},
		{Name: webhooks.HeaderSignature, In: "header", Required: true, Schema: text, Description: "v1, a comma and a signature, for each live secret, with spaces between."},
	}
}

// catalogue is one JSON Schema for all events, which stand by their types in $defs.
func catalogue() ([]byte, error) {
	shared := huma.NewMapRegistry("#/$defs/", huma.DefaultSchemaNamer)
	events := shapesOfEvents(shared)
	parts := map[string]*huma.Schema{}
	for name, shape := range shared.Map() {
		shape.AdditionalProperties = nil // they may gain members
		parts[name] = shape
	}
	var either []*huma.Schema
	for _, kind := range kindsOfEvents() {
		parts[kind] = events[kind]
		either = append(either, &huma.Schema{Ref: "#/$defs/" + kind})
	}
	text, err := json.MarshalIndent(struct {
		Dialect string                  `json:"$schema"`
		Title   string                  `json:"title"`
		OneOf   []*huma.Schema          `json:"oneOf"`
		Defs    map[string]*huma.Schema `json:"$defs"`
	}{CatalogueDialect, "What Chancery posts to webhook endpoints", either, parts}, "", "  ")
	return append(text, '\n'), err
}

// kindsOfEvents in the order in which the documentation tells them.
func kindsOfEvents() []string {
	var kinds []string
	for _, known := range envelope.EventTypes {
		kinds = append(kinds, string(known.Type))
	}
	return append(kinds, webhooks.TrialEvent)
}
