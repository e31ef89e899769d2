package hubspottest

import (
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

// search takes filters by EQ and GTE, and one order.
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
				if !there || f.Operator != "EQ" && f.Operator != "GTE" {
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
	slices.SortFunc(found, func(x, y *record) int {
		if len(asked.Sorts) == 1 {
			order := strings.Compare(x.values[asked.Sorts[0].PropertyName], y.values[asked.Sorts[0].PropertyName])
			if asked.Sorts[0].Direction == "DESCENDING" {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return strings.Compare(x.id, y.id)
	})
	results := []any{}
	for _, one := range found[min(after, len(found)):min(after+asked.Limit, len(found))] {
		results = append(results, t.shown(one, asked.Properties))
	}
	said := map[string]any{"total": len(found), "results": results}
	if end := after + asked.Limit; end < len(found) {
		said["paging"] = next(strconv.Itoa(end))
	}
	return ok(said)
}

func (f filter) holds(p property, value string) bool {
	if f.Operator == "EQ" {
		return strings.EqualFold(value, f.Value)
	}
	if p.kind == "datetime" {
		at, err := time.Parse(moment, value)
		from, wrong := strconv.ParseInt(f.Value, 10, 64)
		return err == nil && wrong == nil && at.UnixMilli() >= from
	}
	return value >= f.Value
}
