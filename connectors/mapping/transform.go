package mapping

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	xnumber "golang.org/x/text/number"

	"chancery/problem"
)

// transform turns a value into text for people of a place.
type transform func(value any, p place) (string, error)

// place is whose way of writing it is.
type place struct {
	tag  language.Tag
	zone *time.Location
}

// transforms by name. What stands behind a colon is the argument.
var transforms = map[string]func(argument string) (transform, error){
	"upper":  cased(cases.Upper),
	"lower":  cased(cases.Lower),
	"title":  cased(cases.Title),
	"trim":   plainText(strings.TrimSpace),
	"first":  plainText(firstWord),
	"last":   plainText(lastWord),
	"number": decimals,
	"money":  money,
	"date":   date,
	"yesno":  yesNo,
	"digits": plainText(digits),
}

// readTransform finds a transform by how it is written, such as money:EUR.
func readTransform(written string) (transform, error) {
	name, argument, _ := strings.Cut(written, ":")
	makeOne, known := transforms[name]
	if !known {
		return nil, problem.Invalid("transform_unknown", "There is no such transform.")
	}
	return makeOne(argument)
}

func plainText(change func(string) string) func(string) (transform, error) {
	return func(string) (transform, error) {
		return func(value any, _ place) (string, error) {
			words, _ := text(value)
			return change(words), nil
		}, nil
	}
}

func cased(of func(language.Tag, ...cases.Option) cases.Caser) func(string) (transform, error) {
	return func(string) (transform, error) {
		return func(value any, p place) (string, error) {
			words, _ := text(value)
			return of(p.tag).String(words), nil
		}, nil
	}
}

func firstWord(s string) string {
	if words := strings.Fields(s); len(words) > 0 {
		return words[0]
	}
	return ""
}

func lastWord(s string) string {
	if words := strings.Fields(s); len(words) > 0 {
		return words[len(words)-1]
	}
	return ""
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

var errNotNumber = problem.Invalid("value_not_number", "The value is not a number.")

// maxDigits bounds a number: 1e999999999 is short to write and long to print.
const maxDigits = 40

// amount reads a number as it was written, without rounding it.
func amount(value any) (*big.Rat, error) {
	words, _ := text(value)
	words = strings.TrimSpace(words)
	if _, exponent, found := strings.Cut(strings.ToLower(words), "e"); found {
		if power, err := strconv.Atoi(exponent); err != nil || power > maxDigits || power < -maxDigits {
			return nil, errNotNumber
		}
	}
	sum, ok := new(big.Rat).SetString(words)
	if !ok || len(words) > 3*maxDigits || strings.ContainsAny(words, "/_xXpP") {
		return nil, errNotNumber
	}
	return sum, nil
}

// printed writes a number as people of the place do, rounded half away from zero.
// One of more than 15 digits is refused rather than bent.
func printed(sum *big.Rat, p place, least, most int) (string, error) {
	rounded, err := strconv.ParseFloat(sum.FloatString(most), 64)
	if err != nil || math.Abs(rounded) >= math.Pow10(15-most) {
		return "", errNotNumber
	}
	return message.NewPrinter(p.tag).Sprint(xnumber.Decimal(rounded, xnumber.MinFractionDigits(least), xnumber.MaxFractionDigits(most))), nil
}

const (
	mostPlaces = 6 // behind the point, of a number without an argument
)

// decimals writes a number with so many digits behind the point; without an
// argument, as many as it has.
func decimals(argument string) (transform, error) {
	least, most := 0, mostPlaces
	if argument != "" {
		places, err := strconv.Atoi(argument)
		if err != nil || places < 0 || places > mostPlaces {
			return nil, problem.Invalid("transform_invalid", "number takes the digits behind the point, 0 to 6.")
		}
		least, most = places, places
	}
	return func(value any, p place) (string, error) {
		sum, err := amount(value)
		if err != nil {
			return "", err
		}
		return printed(sum, p, least, most)
	}, nil
}

// money writes a sum in a currency, as people of the place write it.
func money(argument string) (transform, error) {
	unit, err := currency.ParseISO(argument)
	if err != nil {
		return nil, problem.Invalid("transform_invalid", "money takes a currency of ISO 4217, such as money:EUR.")
	}
	places, _ := currency.Standard.Rounding(unit)
	return func(value any, p place) (string, error) {
		sum, err := amount(value)
		if err != nil {
			return "", err
		}
		figures, err := printed(sum, p, places, places)
		return withSymbol(p.tag, message.NewPrinter(p.tag).Sprint(currency.Symbol(unit)), figures), err
	}, nil
}

// withSymbol puts the symbol where the language has it.
func withSymbol(tag language.Tag, symbol, figures string) string {
	switch base, _ := tag.Base(); base.String() {
	case "en", "ja", "zh", "ko", "th", "hi":
		if len(symbol) == 3 && symbol == strings.ToUpper(symbol) { // a code: CHF 12.00
			return symbol + "\u00a0" + figures
		}
		return symbol + figures
	case "nl":
		return symbol + "\u00a0" + figures
	}
	return figures + "\u00a0" + symbol
}

func yesNo(argument string) (transform, error) {
	yes, no, found := strings.Cut(argument, "/")
	if argument == "" {
		yes, no, found = "Yes", "No", true
	}
	if !found || yes == "" || no == "" {
		return nil, problem.Invalid("transform_invalid", "yesno takes two words with a slash between, such as yesno:Ja/Nein.")
	}
	return func(value any, _ place) (string, error) {
		switch words, _ := text(value); strings.ToLower(words) {
		case "true", "1", "yes":
			return yes, nil
		case "false", "0", "no", "":
			return no, nil
		}
		return "", problem.Invalid("value_not_bool", "The value is neither true nor false.")
	}, nil
}

// number is a float as an expression gave it.
func number(f float64) (json.Number, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", errNotNumber
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64)), nil
}
