package salesforcetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// moment is how a date and time is shown.
const moment = "2006-01-02T15:04:05.000-0700"

func stamp(at time.Time) string { return at.UTC().Truncate(time.Second).Format(moment) }

// check makes of what was sent what is kept, or says what is wrong with it. before
// is the record that is changed, nil for a new one.
func (t *tx) check(o *object, fields, before row) (row, *apiError) {
	made := row{}
	for _, name := range sorted(fields) {
		if name == "attributes" {
			continue
		}
		c, known := o.column(name)
		if !known {
			return nil, fault("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, o.name), name)
		}
		if before == nil && !c.create || before != nil && !c.update {
			return nil, fault("INVALID_FIELD_FOR_INSERT_UPDATE", fmt.Sprintf("Unable to create/update fields: %s. Please check the security settings of this field and verify that it is read/write for your profile or permission set.", c.name), c.name)
		}
		value, err := t.value(c, fields[name])
		if err != nil {
			return nil, err
		}
		made[c.name] = value
	}
	if err := missing(o, made, before); err != nil {
		return nil, err
	}
	return made, t.unique(o, made, before)
}

func missing(o *object, made, before row) *apiError {
	var lacks []string
	for _, c := range o.fields {
		value, said := made[c.name]
		if c.required && (said || before == nil) && (value == nil || value == "") {
			lacks = append(lacks, c.name)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return fault("REQUIRED_FIELD_MISSING", "Required fields are missing: ["+strings.Join(lacks, ", ")+"]", lacks...)
}

func (t *tx) unique(o *object, made, before row) *apiError {
	for _, c := range o.fields {
		if !c.unique || made[c.name] == nil {
			continue
		}
		for _, other := range t.o.store.match(o, c.name, made[c.name]) {
			if other.text("Id") != before.text("Id") {
				return fault("DUPLICATE_VALUE", fmt.Sprintf("duplicate value found: %s duplicates value on record with id: %s", c.name, other.text("Id")))
			}
		}
	}
	return nil
}

// value makes one field's value; an empty text is nothing.
func (t *tx) value(c column, sent any) (any, *apiError) {
	if sent == nil || sent == "" {
		if c.kind == "boolean" {
			return false, nil
		}
		return nil, nil
	}
	switch c.kind {
	case "boolean":
		return boolean(sent)
	case "currency", "double", "percent", "int":
		return number(c, sent)
	case "base64":
		return decoded(sent)
	}
	words, ok := sent.(string)
	if !ok {
		if words, ok = plain(sent); !ok {
			return nil, unreadable("Cannot deserialize instance of string from START_OBJECT value {")
		}
	}
	switch c.kind {
	case "date":
		return day(words)
	case "datetime":
		return instant(words)
	case "reference":
		return t.reference(c, words)
	case "email":
		if !strings.Contains(words, "@") {
			return nil, fault("INVALID_EMAIL_ADDRESS", c.label+": invalid email address: "+words, c.name)
		}
	case "picklist":
		if c.strict && !slices.Contains(c.picks, words) {
			return nil, fault("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", fmt.Sprintf("%s: bad value for restricted picklist field: %s", c.label, words), c.name)
		}
	}
	if c.length > 0 && utf8.RuneCountInString(words) > c.length {
		return nil, fault("STRING_TOO_LONG", fmt.Sprintf("%s: data value too large: %s (max length=%d)", c.label, words, c.length), c.name)
	}
	return strings.TrimSpace(words), nil
}

func unreadable(words string) *apiError {
	return fault("JSON_PARSER_ERROR", words+" or request may be missing a required field at [line:1, column:2]")
}

func plain(sent any) (string, bool) {
	switch v := sent.(type) {
	case json.Number:
		return v.String(), true
	case bool:
		return fmt.Sprint(v), true
	}
	return "", false
}

func boolean(sent any) (any, *apiError) {
	switch sent {
	case true, "true":
		return true, nil
	case false, "false":
		return false, nil
	}
	return nil, unreadable(fmt.Sprintf("Cannot deserialize instance of boolean from VALUE_STRING value %v", sent))
}

func decoded(sent any) (any, *apiError) {
	if whole, ok := sent.([]byte); ok {
		return whole, nil
	}
	text, _ := sent.(string)
	whole, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, unreadable("Cannot deserialize instance of base64 from VALUE_STRING value")
	}
	return whole, nil
}

// maxDigits bounds a number: Salesforce has 18 digits.
const maxDigits = 30

// number keeps a number as Salesforce shows it: with a fraction, unless it counts.
func number(c column, sent any) (any, *apiError) {
	words, ok := sent.(string)
	if !ok {
		words, ok = plain(sent)
	}
	value, good := new(big.Rat).SetString(words)
	if !ok || !good || len(words) > maxDigits || strings.ContainsAny(words, "eE/xX_") {
		return nil, unreadable("Cannot deserialize instance of double from VALUE_STRING value " + words)
	}
	if c.kind == "int" {
		if !value.IsInt() {
			return nil, unreadable("Cannot deserialize instance of int from VALUE_NUMBER value " + words)
		}
		return json.Number(value.RatString()), nil
	}
	return json.Number(decimal(value)), nil
}

// decimal is a number with as many digits as it needs, but at least one behind the point.
func decimal(value *big.Rat) string {
	text := strings.TrimRight(value.FloatString(8), "0")
	if strings.HasSuffix(text, ".") {
		text += "0"
	}
	return text
}

func times(a, b any) any {
	x, ok := a.(json.Number)
	y, also := b.(json.Number)
	if !ok || !also {
		return nil
	}
	p, _ := new(big.Rat).SetString(x.String())
	q, _ := new(big.Rat).SetString(y.String())
	return json.Number(decimal(new(big.Rat).Mul(p, q)))
}

func day(words string) (any, *apiError) {
	for _, layout := range []string{time.DateOnly, time.RFC3339, moment} {
		if at, err := time.Parse(layout, words); err == nil {
			return at.Format(time.DateOnly), nil
		}
	}
	return nil, unreadable("Cannot deserialize instance of date from VALUE_STRING value " + words)
}

func instant(words string) (any, *apiError) {
	for _, layout := range []string{time.RFC3339, moment, "2006-01-02T15:04:05-0700"} {
		if at, err := time.Parse(layout, words); err == nil {
			return stamp(at), nil
		}
	}
	return nil, unreadable("Cannot deserialize instance of datetime from VALUE_STRING value " + words)
}

func (t *tx) reference(c column, words string) (any, *apiError) {
	id, ok := wholeID(words)
	if !ok {
		return nil, fault("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %s", c.label, words), c.name)
	}
	for _, name := range c.refers {
		if to, known := t.o.store.object(name); known {
			if _, there := t.o.store.find(to, id); there {
				return id, nil
			}
		}
	}
	return nil, fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", c.name)
}
