package mapping

import (
	"encoding/json"
	"strconv"
	"time"

	"golang.org/x/text/language"

	"chancery/problem"
)

// What follows is for templates, whose merge tokens say the same in the same words.

// Place is whose way of writing numbers and dates it is.
type Place struct{ place }

// PlaceOf reads a locale (BCP 47; "" is en) and a zone (IANA; "" is UTC).
func PlaceOf(locale, zone string) (Place, error) {
	p := place{tag: language.English, zone: time.UTC}
	var err error
	if locale != "" {
		if p.tag, err = language.Parse(locale); err != nil {
			return Place{}, problem.Invalid("locale_unknown", "There is no such language; write it like en-GB.").Because(err)
		}
	}
	if zone != "" {
		if p.zone, err = time.LoadLocation(zone); err != nil {
			return Place{}, problem.Invalid("zone_unknown", "There is no such time zone; write it like Europe/Berlin.").Because(err)
		}
	}
	return Place{p}, nil
}

// ready makes a place of the zero value too.
func (p Place) ready() place {
	if p.zone == nil {
		return place{tag: language.English, zone: time.UTC}
	}
	return p.place
}

// Transform changes a value into text for people of a place.
type Transform func(value any, p Place) (string, error)

// ReadTransform finds a transform by how it is written, such as money:EUR.
func ReadTransform(written string) (Transform, error) {
	change, err := readTransform(written)
	if err != nil {
		return nil, err
	}
	return func(value any, p Place) (string, error) {
		words, there := Words(value)
		if !there {
			return change(nil, p.ready())
		}
		return change(words, p.ready())
	}, nil
}

// Words is a value as text; there tells that there is one. A map or a list is no text.
func Words(value any) (words string, there bool) {
	switch v := value.(type) {
	case float64:
		return text(json.Number(strconv.FormatFloat(v, 'f', -1, 64)))
	case int:
		return text(json.Number(strconv.Itoa(v)))
	}
	return text(value)
}

// CheckPath says what is wrong with how a path is written.
func CheckPath(path string) error { return checkPath(path) }

// CleanLines makes harmless text of what a system sent, with its line ends, cut to
// so many characters.
func CleanLines(text string, most int) string { return cleanLines(text, most) }
