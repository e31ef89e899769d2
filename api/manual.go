package api

import (
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"chancery/envelope"
)

//go:embed docs.html
var docsText string

//go:embed docs.css
var docsStyle []byte

var docsPage = template.Must(template.New("docs").Parse(docsText))

// manual is the contract in the order in which people read it.
type manual struct {
	Preamble []string
	Chapters []chapter
	Shapes   []shape
	Events   any // envelope.EventTypes
	Codes    []code
}

type chapter struct {
	Name   string
	Routes []entry
}

type entry struct {
	*huma.Operation
	Takes, Gives *huma.Schema
	Media        string // of what it gives, when that is no JSON
	Status       string
}

type shape struct {
	Name    string
	Doc     string
	Members []member
}

type member struct {
	Name   string
	Needed bool
	*huma.Schema
}

// chapters in the order of a first day.
var chapters = []string{"Team", "Documents", "Envelopes", "Recipients", "Fields", "Papers", "Verification", "Events", "Webhooks", "Connectors"}

func (a *api) manual() manual {
	contract := a.huma.OpenAPI()
	m := manual{Preamble: strings.Split(preamble, "\n\n"), Events: envelope.EventTypes, Codes: problemCodes}
	for _, name := range chapters {
		m.Chapters = append(m.Chapters, chapter{Name: name, Routes: routesOf(contract, name)})
	}
	shapes := contract.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		m.Shapes = append(m.Shapes, shapeOf(name, shapes[name]))
	}
	return m
}

func routesOf(contract *huma.OpenAPI, tag string) []entry {
	var found []entry
	for _, path := range slices.Sorted(maps.Keys(contract.Paths)) {
		for _, op := range operations(contract.Paths[path]) {
			if slices.Contains(op.Tags, tag) {
				found = append(found, entryOf(op))
			}
		}
	}
	return found
}

func entryOf(op *huma.Operation) entry {
	e := entry{Operation: op}
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Content {
			e.Takes = media.Schema
		}
	}
	for status, response := range op.Responses {
		if status == "default" {
			continue
		}
		e.Status = status
		for name, media := range response.Content {
			e.Gives = media.Schema
			if name != "application/json" {
				e.Media = name
			}
		}
	}
	return e
}

func shapeOf(name string, s *huma.Schema) shape {
	out := shape{Name: name, Doc: s.Description}
	for _, member := range slices.Sorted(maps.Keys(s.Properties)) {
		out.Members = append(out.Members, memberOf(member, s))
	}
	return out
}

func memberOf(name string, s *huma.Schema) member {
	return member{Name: name, Needed: slices.Contains(s.Required, name), Schema: s.Properties[name]}
}

// Anchor is where the page speaks of the operation.
func (e entry) Anchor() string { return e.OperationID }

// Idempotent tells whether an Idempotency-Key is taken.
func (e entry) Idempotent() bool { return e.Method == http.MethodPost }

// Asked are the parameters that are worth a line.
func (e entry) Asked() []*huma.Param {
	return slices.DeleteFunc(slices.Clone(e.Parameters), func(p *huma.Param) bool { return p.In == "path" || p.In == "header" })
}

// Kind is a member's type in words.
func (m member) Kind() string { return kindOf(m.Schema) }

// Link is the shape that a member holds, if any.
func (m member) Link() string { return linkOf(m.Schema) }

func (e entry) TakesLink() string { return linkOf(e.Takes) }
func (e entry) GivesLink() string { return linkOf(e.Gives) }

func linkOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	}
	return linkOf(s.Items)
}

func kindOf(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return linkOf(s)
	case s.Items != nil:
		return "list of " + kindOf(s.Items)
	case len(s.OneOf) > 0:
		return kindOf(s.OneOf[0]) + " or " + kindOf(s.OneOf[1])
	case s.Format == "date-time":
		return "time"
	}
	return s.Type
}
