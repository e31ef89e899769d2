package hubspot

import (
	"context"
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

// Find lists what was changed since a moment, the oldest change first. A cursor is
// the moment from which a search began and the place in it, because a search ends
// after mostFound results: then another begins where it has ended.
func (a *account) Find(ctx context.Context, recordType string, since time.Time, cursor string) ([]connectors.Ref, string, error) {
	from, after := strconv.FormatInt(max(0, since.UnixMilli()), 10), ""
	if cursor != "" {
		from, after, _ = strings.Cut(cursor, "/")
	}
	path, err := rest.Segment(recordType)
	if err != nil {
		return nil, "", err
	}
	body := map[string]any{
		"filterGroups": []any{map[string]any{"filters": []any{map[string]string{"propertyName": changed(recordType), "operator": "GTE", "value": from}}}},
		"sorts":        []any{map[string]string{"propertyName": changed(recordType), "direction": "ASCENDING"}},
		"properties":   []string{changed(recordType)},
		"limit":        most,
	}
	if after != "" {
		body["after"] = after
	}
	var got struct {
		Results []record `json:"results"`
		Paging  paging   `json:"paging"`
	}
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: objects + path + "/search", Body: body}, &got); err != nil {
		return nil, "", err
	}
	var found []connectors.Ref
	for _, r := range got.Results {
		found = append(found, connectors.Ref{Type: recordType, ID: r.ID})
	}
	return found, goesOn(from, got.Paging.Next.After, got.Results), nil
}

// goesOn is the cursor of the next page. Records of the last millisecond are found
// again where one search follows another.
func goesOn(from, after string, page []record) string {
	if after == "" || len(page) == 0 {
		return ""
	}
	if place, err := strconv.Atoi(after); err == nil && place+most > mostFound {
		last, err := time.Parse(time.RFC3339, page[len(page)-1].UpdatedAt)
		if next := strconv.FormatInt(last.UnixMilli(), 10); err == nil && next != from {
			return next + "/"
		}
	}
	return from + "/" + after
}

// changed is the property that holds the time of the last change: contacts have an older name for it.
func changed(recordType string) string {
	if recordType == "contacts" {
		return "lastmodifieddate"
	}
	return "hs_lastmodifieddate"
}
