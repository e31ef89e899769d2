package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// mostFound is how many results a search has at most; HubSpot refuses to go on
// after them.
const mostFound = 10_000

// place is where a search for changes goes on.
type place struct {
	from  int64  // milliseconds
	after string // HubSpot's place in the search; "" is its beginning
	id    string // of what was changed at from, only what has a greater id; "" is all that was changed since
}

// A cursor is from and after, or from and id, in one text.
const (
	beforeAfter = "/"
	beforeID    = ">"
)

func (p place) cursor() string {
	if p.id != "" {
		return strconv.FormatInt(p.from, 10) + beforeID + p.id
	}
	return strconv.FormatInt(p.from, 10) + beforeAfter + p.after
}

func placeOf(since time.Time, cursor string) (p place, err error) {
	if cursor == "" {
		return place{from: max(0, since.UnixMilli())}, nil
	}
	from, id, byID := strings.Cut(cursor, beforeID)
	if byID {
		p.id = id
	} else {
		from, p.after, _ = strings.Cut(cursor, beforeAfter)
	}
	if p.from, err = strconv.ParseInt(from, 10, 64); err != nil {
		return p, fmt.Errorf("read the cursor of a search: %w", err)
	}
	return p, nil
}

// search is what HubSpot is asked at this place.
func (p place) search(recordType string) map[string]any {
	filter := func(property, operator, value string) map[string]string {
		return map[string]string{"propertyName": property, "operator": operator, "value": value}
	}
	time, by := strconv.FormatInt(p.from, 10), changed(recordType)
	filters := []any{filter(by, "GTE", time)}
	if p.id != "" {
		filters = []any{filter(by, "EQ", time), filter(objectIDProperty, "GT", p.id)}
		by = objectIDProperty
	}
	body := map[string]any{
		"filterGroups": []any{map[string]any{"filters": filters}},
		"sorts":        []any{map[string]string{"propertyName": by, "direction": "ASCENDING"}},
		"properties":   []string{changed(recordType)},
		"limit":        most,
	}
	if p.after != "" {
		body["after"] = p.after
	}
	return body
}

// next is where the search goes on after a page; after is HubSpot's place, "" where the
// search has ended. A search ends after mostFound results, too: another one begins at
// the time of the last of them then, whose records are found again. Where all were
// changed at the same time, they are searched by their ids.
func (p place) next(after string, page []record) (next place, goesOn bool) {
	ended := after == "" || len(page) == 0
	switch {
	case ended && p.id != "":
		return place{from: p.from + 1}, true
	case ended:
		return place{}, false
	case p.id != "":
		return place{from: p.from, id: page[len(page)-1].ID}, true
	}
	if at, err := strconv.Atoi(after); err != nil || at+most <= mostFound {
		return place{from: p.from, after: after}, true
	}
	last, err := time.Parse(time.RFC3339, page[len(page)-1].UpdatedAt)
	if err == nil && last.UnixMilli() > p.from {
		return place{from: last.UnixMilli()}, true
	}
	return place{from: p.from, id: "0"}, true
}

// Find lists what was changed since a moment, the oldest change first.
func (a *account) Find(ctx context.Context, recordType string, since time.Time, cursor string) ([]connectors.Ref, string, error) {
	at, err := placeOf(since, cursor)
	if err != nil {
		return nil, "", err
	}
	path, err := rest.Segment(recordType)
	if err != nil {
		return nil, "", err
	}
	var got struct {
		Results []record `json:"results"`
		Paging  paging   `json:"paging"`
	}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: objects + path + "/search", Body: at.search(recordType)}, &got); err != nil {
		return nil, "", err
	}
	var found []connectors.Ref
	for _, r := range got.Results {
		found = append(found, connectors.Ref{Type: recordType, ID: r.ID})
	}
	next, goesOn := at.next(got.Paging.Next.After, got.Results)
	if !goesOn {
		return found, "", nil
	}
	return found, next.cursor(), nil
}

// objectIDProperty is the property that holds a record's id.
const objectIDProperty = "hs_object_id"

// changed is the property that holds the time of the last change: contacts have an older name for it.
func changed(recordType string) string {
	if recordType == "contacts" {
		return "lastmodifieddate"
	}
	return "hs_lastmodifieddate"
}
