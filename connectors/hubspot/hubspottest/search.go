package hubspottest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of a search.
const (
	mostPage  = 200
	mostFound = 10_000
)

type filter struct{ PropertyName, Operator, Value string }

// search takes filters by EQ, GT and GTE, and one order.
func (a *Account) search(typeName string, r *http.Request) answer {
	var asked struct {
		FilterGroups []struct{ Filters []filter }
		Sorts        []struct{ PropertyName, Direction string }
		Properties   []string
		Limit        int
		After        string
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		return badJSON
	}
	t, unknown := a.typeOf(typeName)
	if unknown != nil {
		return *unknown
	}
	after := 0
	if asked.After != "" {
		after, _ = strconv.Atoi(asked.After)
	}
	if asked.Limit == 0 {
		asked.Limit = 10
	}
	if asked.Limit > mostPage || after+asked.Limit > mostFound || len(asked.FilterGroups) > 5 || len(asked.Sorts) > 1 {
		return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "The search asks for more than it may: paging ends at 10000 results")
	}
	var found []*record
	for _, one := range t.records {
		matches := len(asked.FilterGroups) == 0
		for _, group := range asked.FilterGroups {
			all := true
			for _, f := range group.Filters {
				p, there := t.property(f.PropertyName)
				if !there || !slices.Contains([]string{"EQ", "GT", "GTE"}, f.Operator) {
					return refusal(http.StatusBadRequest, "VALIDATION_ERROR", "There was a problem with the request: "+f.PropertyName+" "+f.Operator)
				}
				all = all && f.holds(p, one.values[f.PropertyName])
			}
			matches = matches || all
		}
		if matches && !one.archived {
			found = append(found, one)
		}
	}
	var by property
	if len(asked.Sorts) == 1 {
		by, _ = t.property(asked.Sorts[0].PropertyName)
	}
	slices.SortFunc(found, func(x, y *record) int {
		order := compare(by, x.values[by.name], y.values[by.name])
		if len(asked.Sorts) == 1 && asked.Sorts[0].Direction == "DESCENDING" {
			order = -order
		}
		return cmp.Or(order, strings.Compare(x.id, y.id))
	})
	results := []any{}
	for _, one := range found[min(after, len(found)):min(after+asked.Limit, len(found))] {
		results = append(results, a.shown(t, one, asked.Properties))
	}
	said := map[string]any{"total": len(found), "results": results}
	if end := after + asked.Limit; end < len(found) {
		said["paging"] = next(strconv.Itoa(end))
	}
	return ok(said)
}

// holds tells whether a value meets the filter, which writes times in milliseconds.
func (f filter) holds(p property, value string) bool {
	want := f.Value
	if p.kind == "datetime" {
		at, err := strconv.ParseInt(want, 10, 64)
		if err != nil || value == "" {
			return false
		}
		want = time.UnixMilli(at).UTC().Format(moment)
	}
	if f.Operator == "EQ" {
		return strings.EqualFold(value, want)
	}
	order := compare(p, value, want)
	return order > 0 || order == 0 && f.Operator == "GTE"
}

// compare puts values into an order; all times are written alike.
func compare(p property, x, y string) int {
	if p.kind == "number" {
		a, _ := strconv.ParseFloat(x, 64)
		b, _ := strconv.ParseFloat(y, 64)
		return cmp.Compare(a, b)
	}
	return strings.Compare(x, y)
}
