package salesforcetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
)

// eventField is a field of the schema of an event; parts are the fields of a compound
// one, by the names that they have on the record.
type eventField struct {
	name, kind string
	parts      []eventField
	of         string // on the record
}

// eventSchema is the schema by which events of one object are written.
type eventSchema struct {
	id, topic, json string
	avro            avro.Schema
	fields          []eventField // the header, where there is one, is the first
}

// compounds are the fields that change events show in parts.
var compounds = map[string]map[string]eventField{
	"Contact": {"Name": {name: "Name", kind: "PersonName", parts: []eventField{{name: "Salutation", of: "Salutation"}, {name: "FirstName", of: "FirstName"}, {name: "LastName", of: "LastName"}}}},
	"Account": {"BillingAddress": {name: "BillingAddress", kind: "Address", parts: []eventField{{name: "Street", of: "BillingStreet"}, {name: "City", of: "BillingCity"}, {name: "PostalCode", of: "BillingPostalCode"}, {name: "Country", of: "BillingCountry"}}}},
}

// eventFields lists what a change event of an object has: all fields but those that
// say nothing about a change, with compounds in place of their parts.
func eventFields(o *object) []eventField {
	inside := map[string]bool{"Id": true, "IsDeleted": true, "SystemModstamp": true}
	for _, c := range compounds[o.name] {
		for _, part := range c.parts {
			inside[part.of] = true
		}
	}
	var all []eventField
	for _, f := range o.fields {
		if c, compound := compounds[o.name][f.name]; compound {
			all = append(all, c)
		} else if !inside[f.name] && f.kind != "base64" && f.kind != "address" {
			all = append(all, eventField{name: f.name, kind: f.kind, of: f.name})
		}
	}
	return all
}

var avroTypes = map[string]string{"boolean": `"boolean"`, "currency": `"double"`, "double": `"double"`, "percent": `"double"`, "int": `"int"`, "date": `"long"`, "datetime": `"long"`}

const header = `{"name":"ChangeEventHeader","type":{"type":"record","name":"ChangeEventHeader","fields":[` +
	`{"name":"entityName","type":"string"},{"name":"recordIds","type":{"type":"array","items":"string"}},` +
	`{"name":"changeType","type":{"type":"enum","name":"ChangeType","symbols":["CREATE","UPDATE","DELETE","UNDELETE","GAP_CREATE","GAP_UPDATE","GAP_DELETE","GAP_UNDELETE","GAP_OVERFLOW","SNAPSHOT"]}},` +
	`{"name":"changeOrigin","type":"string"},{"name":"transactionKey","type":"string"},{"name":"sequenceNumber","type":"int"},` +
	`{"name":"commitTimestamp","type":"long"},{"name":"commitNumber","type":"long"},{"name":"commitUser","type":"string"},` +
	`{"name":"nulledFields","type":{"type":"array","items":"string"}},{"name":"diffFields","type":{"type":"array","items":"string"}},{"name":"changedFields","type":{"type":"array","items":"string"}}]},` +
	`"doc":"Data:ChangeEventHeader"}`

func (f eventField) schema() string {
	kind := avroTypes[f.kind]
	if f.parts != nil {
		var parts []string
		for _, part := range f.parts {
			parts = append(parts, part.schema())
		}
		kind = fmt.Sprintf(`{"type":"record","name":"%s","fields":[%s]}`, f.kind, strings.Join(parts, ","))
	}
	if kind == "" {
		kind = `"string"`
	}
	return fmt.Sprintf(`{"name":"%s","type":["null",%s],"doc":"","default":null}`, f.name, kind)
}

func newEventSchema(o *object) (*eventSchema, error) {
	s := &eventSchema{topic: "/event/" + o.name}
	name, parts := o.name, []string{}
	if o.event {
		s.fields = []eventField{{name: "CreatedDate", kind: "datetime"}, {name: "CreatedById"}}
		parts = append(parts, `{"name":"CreatedDate","type":"long","doc":"CreatedDate:DateTime"}`, `{"name":"CreatedById","type":"string","doc":"CreatedBy:EntityId"}`)
		for _, f := range o.fields {
			field := eventField{name: f.name, kind: f.kind, of: f.name}
			s.fields, parts = append(s.fields, field), append(parts, field.schema())
		}
	} else {
		name = changeEvent(o.name)
		s.topic = "/data/" + name
		s.fields, parts = append(s.fields, eventField{name: "ChangeEventHeader"}), append(parts, header)
		for _, field := range eventFields(o) {
			s.fields, parts = append(s.fields, field), append(parts, field.schema())
		}
	}
	s.json = fmt.Sprintf(`{"type":"record","name":"%s","namespace":"com.sforce.eventbus","fields":[%s]}`, name, strings.Join(parts, ","))
	sum := sha256.Sum256([]byte(s.json))
	s.id = base64.RawURLEncoding.EncodeToString(sum[:16])
	var err error
	s.avro, err = avro.ParseWithCache(s.json, "", &avro.SchemaCache{})
	return s, err
}

// changeEvent names the change events of an object: Agreement__c has Agreement__ChangeEvent.
func changeEvent(object string) string {
	if base, custom := strings.CutSuffix(object, "__c"); custom {
		return base + "__ChangeEvent"
	}
	return object + "ChangeEvent"
}

// bitmap tells which of the fields are meant: the first is the lowest bit.
func bitmap(set []int) string {
	var bits big.Int
	for _, i := range set {
		bits.SetBit(&bits, i, 1)
	}
	return "0x" + fmt.Sprintf("%02X", &bits)
}

// bitmaps tells which fields a test holds for, those inside compounds by themselves.
func (s *eventSchema) bitmaps(of func(field string) bool) []string {
	var plain []int
	var nested []string
	for i, f := range s.fields {
		var parts []int
		for j, part := range f.parts {
			if of(part.of) {
				parts = append(parts, j)
			}
		}
		if len(parts) > 0 {
			nested = append(nested, fmt.Sprintf("%d-%s", i, bitmap(parts)))
		}
		if f.of != "" && of(f.of) {
			plain = append(plain, i)
		}
	}
	if len(plain) > 0 {
		return append([]string{bitmap(plain)}, nested...)
	}
	if nested == nil {
		return []string{}
	}
	return nested
}

// payload writes the fields of a record for which the test holds.
func (s *eventSchema) payload(header map[string]any, r row, of func(string) bool) map[string]any {
	made := map[string]any{}
	for _, f := range s.fields {
		made[f.name] = nil
		if f.parts != nil {
			inside, filled := map[string]any{}, false
			for _, part := range f.parts {
				inside[part.name] = nil
				if of(part.of) && r[part.of] != nil {
					inside[part.name], filled = part.value(r[part.of]), true
				}
			}
			if filled {
				made[f.name] = map[string]any{"com.sforce.eventbus." + f.kind: inside}
			}
		} else if f.of != "" && of(f.of) {
			made[f.name] = f.value(r[f.of])
		}
	}
	if header != nil {
		made["ChangeEventHeader"] = header
	}
	return made
}

// value is a field's value as Avro has it: dates and times as milliseconds.
func (f eventField) value(v any) any {
	switch n := v.(type) {
	case json.Number:
		if f.kind == "int" {
			whole, _ := n.Int64()
			return int(whole)
		}
		number, _ := n.Float64()
		return number
	case string:
		switch f.kind {
		case "datetime":
			return when(n).UnixMilli()
		case "date":
			day, _ := time.Parse(time.DateOnly, n)
			return day.UnixMilli()
		}
	}
	return v
}
