package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"chancery/connectors"
)

// shape is what an org says of a type of records.
type shape struct {
	Name     string       `json:"name"`
	Label    string       `json:"label"`
	Fields   []shapeField `json:"fields"`
	Children []struct {
		Object   string `json:"childSObject"`
		Field    string `json:"field"`
		Relation string `json:"relationshipName"`
	} `json:"childRelationships"`

	read time.Time
}

type shapeField struct {
	Name      string   `json:"name"`
	Label     string   `json:"label"`
	Type      string   `json:"type"`
	Length    int      `json:"length"`
	Nillable  bool     `json:"nillable"`
	Create    bool     `json:"createable"`
	Update    bool     `json:"updateable"`
	Defaulted bool     `json:"defaultedOnCreate"`
	Refers    []string `json:"referenceTo"`
	Relation  string   `json:"relationshipName"`
	Picks     []struct {
		Active bool   `json:"active"`
		Value  string `json:"value"`
	} `json:"picklistValues"`
}

func (s *shape) field(name string) (shapeField, bool) {
	for _, f := range s.Fields {
		if strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return shapeField{}, false
}

// shapes remembers them: reading a record should not take a call for each type.
type shapes struct {
	mu    sync.Mutex
	known map[string]*shape
}

// shapeLives is how long a shape is believed. Fields that were added meanwhile are
// looked for again before they are called unknown.
const shapeLives = time.Hour

// shape returns what is known of a type, asking when it is not known or too old.
func (c *Client) shape(ctx context.Context, recordType string, oldest time.Duration) (*shape, error) {
	if err := named(recordType); err != nil {
		return nil, err
	}
	key := strings.ToLower(recordType)
	c.shapes.mu.Lock()
	known := c.shapes.known[key]
	c.shapes.mu.Unlock()
	if known != nil && c.config.Now().Sub(known.read) < oldest {
		return known, nil
	}
	got := &shape{read: c.config.Now()}
	if err := c.do(ctx, call{method: http.MethodGet, path: "/sobjects/" + recordType + "/describe"}, got); err != nil {
		return nil, fmt.Errorf("describe %s: %w", recordType, err)
	}
	c.shapes.mu.Lock()
	defer c.shapes.mu.Unlock()
	c.shapes.known[key] = got
	return got, nil
}

// Types lists the types of records that can be read.
func (c *Client) Types(ctx context.Context) ([]string, error) {
	var got struct {
		Objects []struct {
			Name    string `json:"name"`
			Query   bool   `json:"queryable"`
			Setting bool   `json:"customSetting"`
			Hidden  bool   `json:"deprecatedAndHidden"`
		} `json:"sobjects"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, path: "/sobjects"}, &got); err != nil {
		return nil, err
	}
	var names []string
	for _, o := range got.Objects {
		if o.Query && !o.Setting && !o.Hidden {
			names = append(names, o.Name)
		}
	}
	return names, nil
}

// kinds are the kinds of fields in the kit's words; what is not here a path cannot read.
var kinds = map[string]connectors.FieldKind{
	"string": connectors.Text, "textarea": connectors.Text, "email": connectors.Text, "phone": connectors.Text, "url": connectors.Text, "id": connectors.Text,
	"encryptedstring": connectors.Text, "combobox": connectors.Text, "multipicklist": connectors.Text, "time": connectors.Text,
	"picklist": connectors.Choice, "boolean": connectors.Boolean, "date": connectors.Date, "datetime": connectors.Moment, "reference": connectors.Relation,
	"double": connectors.Number, "currency": connectors.Number, "percent": connectors.Number, "int": connectors.Number, "long": connectors.Number,
}

// Describe tells what fields a type has, and the lists of records that belong to one.
func (c *Client) Describe(ctx context.Context, recordType string) (connectors.Schema, error) {
	s, err := c.shape(ctx, recordType, 0)
	if err != nil {
		return connectors.Schema{}, err
	}
	made := connectors.Schema{Type: s.Name, Label: s.Label}
	for _, f := range s.Fields {
		made.Fields = append(made.Fields, f.field())
	}
	for _, child := range s.Children {
		if child.Relation != "" {
			made.Fields = append(made.Fields, connectors.Field{Label: child.Relation, Kind: connectors.Relation, Related: child.Relation, Refers: child.Object, Many: true})
		}
	}
	return made, nil
}

func (f shapeField) field() connectors.Field {
	made := connectors.Field{Name: f.Name, Label: f.Label, Kind: kinds[f.Type], Writable: f.Update,
		Required: f.Create && !f.Nillable && !f.Defaulted, Length: f.Length, Related: f.Relation}
	if made.Kind == "" {
		made.Kind = connectors.Other
	}
	if len(f.Refers) == 1 {
		made.Refers = f.Refers[0]
	}
	for _, p := range f.Picks {
		if p.Active {
			made.Choices = append(made.Choices, p.Value)
		}
	}
	return made
}
