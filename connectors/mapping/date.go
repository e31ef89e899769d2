package mapping

import (
	"strings"
	"time"

	"github.com/goodsign/monday"
	"golang.org/x/text/language"

	"chancery/problem"
)

// forms in which systems send dates and times.
var forms = []struct {
	layout string
	zoned  bool // it says which moment it is, so that the day depends on the zone
}{
	{time.DateOnly, false},
	{time.RFC3339Nano, true},
	{"2006-01-02T15:04:05.999999999-0700", true}, // Salesforce
	{"2006-01-02T15:04:05", false},
	{time.DateTime, false},
}

var utc = time.UTC

var errNotDate = problem.Invalid("value_not_date", "The value is not a date.")

func moment(value any, zone *time.Location) (time.Time, error) {
	words, _ := text(value)
	for _, form := range forms {
		at, err := time.Parse(form.layout, strings.TrimSpace(words))
		if err != nil {
			continue
		}
		if form.zoned {
			at = at.In(zone)
		}
		return at, nil
	}
	return time.Time{}, errNotDate
}

// letters of a date pattern (Unicode TR 35, dates) as Go writes them, the longest first.
var letters = []string{
	"yyyy", "2006", "yy", "06", "MMMM", "January", "MMM", "Jan", "MM", "01", "M", "1", "dd", "02", "d", "2",
	"EEEE", "Monday", "EEE", "Mon", "HH", "15", "hh", "03", "h", "3", "mm", "04", "ss", "05", "a", "PM", "z", "MST",
}

// date writes a date by a pattern, such as date:dd.MM.yyyy, or as people of the
// place write one in full.
func date(pattern string) (transform, error) {
	if strings.ContainsAny(pattern, "0123456789") {
		return nil, problem.Invalid("transform_invalid", "date takes a pattern of letters, such as date:dd.MM.yyyy.")
	}
	layout := strings.NewReplacer(letters...).Replace(pattern)
	return func(value any, p place) (string, error) {
		at, err := moment(value, p.zone)
		if err != nil {
			return "", err
		}
		locale := calendar(p.tag)
		if layout == "" {
			return monday.Format(at, monday.LongFormatsByLocale[locale], locale), nil
		}
		return monday.Format(at, layout, locale), nil
	}, nil
}

// calendar finds the names of months and days.
func calendar(tag language.Tag) monday.Locale {
	known := monday.ListLocales()
	exact := monday.Locale(strings.ReplaceAll(tag.String(), "-", "_"))
	base, _ := tag.Base()
	found := monday.Locale(monday.LocaleEnGB)
	for _, locale := range known {
		if locale == exact {
			return locale
		}
		if name, _, _ := strings.Cut(string(locale), "_"); name == base.String() && found == monday.LocaleEnGB {
			found = locale
		}
	}
	if base.String() == "en" {
		return monday.LocaleEnGB
	}
	return found
}
