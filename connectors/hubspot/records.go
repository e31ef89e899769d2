package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// record is a CRM object as HubSpot sends it.
type record struct {
	ID           string            `json:"id"`
	Properties   map[string]any    `json:"properties"`
	UpdatedAt    string            `json:"updatedAt"`
	Associations map[string]linked `json:"associations"`
}

type linked struct {
	Results []struct {
		ID string `json:"id"`
	} `json:"results"`
}

// most is how many objects one call reads; HubSpot takes no more.
const most = 100

// Read takes one call for the object and one for each association that a path names.
func (a *account) Read(ctx context.Context, ref connectors.Ref, paths []string) (connectors.Record, error) {
	own, inside := split(paths)
	query := url.Values{"archived": {"false"}}
	if len(own) > 0 {
		query.Set("properties", strings.Join(own, ","))
	}
	if len(inside) > 0 {
		query.Set("associations", strings.Join(sorted(inside), ","))
	}
	var got record
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: object(ref) + "?" + query.Encode()}, &got); err != nil {
		return connectors.Record{}, err
	}
	read := connectors.Record{Ref: ref, Version: got.UpdatedAt, Fields: got.Properties}
	if read.Fields == nil {
		read.Fields = map[string]any{}
	}
	read.Fields["id"] = got.ID
	for _, name := range sorted(inside) {
		list, err := a.readAll(ctx, name, got.linked(name), inside[name])
		if err != nil {
			return connectors.Record{}, err
		}
		read.Fields[name] = list
	}
	return read, nil
}

// split tells the properties of the object itself from those of associated ones.
func split(paths []string) (own []string, inside map[string][]string) {
	inside = map[string][]string{}
	for _, path := range paths {
		name, rest, deeper := strings.Cut(path, ".")
		switch {
		case deeper:
			inside[name] = append(inside[name], rest)
		case !slices.Contains(own, name):
			own = append(own, name)
		}
	}
	return own, inside
}

func sorted(inside map[string][]string) []string {
	var names []string
	for name := range inside {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// linked are the ids of associated objects. HubSpot writes "line items" for what it
// calls line_items elsewhere.
func (r record) linked(name string) []string {
	var ids []string
	for kind, found := range r.Associations {
		if strings.ReplaceAll(kind, " ", "_") != name {
			continue
		}
		for _, one := range found.Results {
			if !slices.Contains(ids, one.ID) {
				ids = append(ids, one.ID)
			}
		}
	}
	return ids
}

func (a *account) readAll(ctx context.Context, kind string, ids, properties []string) ([]any, error) {
	list := []any{}
	for chunk := range slices.Chunk(ids, most) {
		var inputs []map[string]string
		for _, id := range chunk {
			inputs = append(inputs, map[string]string{"id": id})
		}
		var got struct {
			Results []record `json:"results"`
		}
		_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: "/crm/v3/objects/" + url.PathEscape(kind) + "/batch/read",
			Body: map[string]any{"properties": properties, "inputs": inputs}}, &got)
		if err != nil {
			return nil, err
		}
		list = append(list, inOrder(chunk, got.Results)...)
	}
	return list, nil
}

// inOrder puts what was read into the order in which it was asked for.
func inOrder(ids []string, got []record) []any {
	var list []any
	for _, id := range ids {
		for _, r := range got {
			if r.ID == id && r.Properties != nil {
				r.Properties["id"] = r.ID
				list = append(list, r.Properties)
			}
		}
	}
	return list
}

var errChanged = &connectors.Failure{Trouble: connectors.Changed, Words: "The record has been changed meanwhile."}

// Write compares the time of the last change and writes.
func (a *account) Write(ctx context.Context, ref connectors.Ref, fields map[string]any, version string) (string, error) {
	if version != "" {
		now, err := a.Read(ctx, ref, nil)
		if err != nil {
			return "", err
		}
		if now.Version != version {
			return "", errChanged
		}
	}
	properties := map[string]any{}
	for name, value := range fields {
		if value == nil {
			value = "" // empties it
		}
		properties[name] = value
	}
	var got record
	_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPatch, Path: object(ref), Body: map[string]any{"properties": properties}}, &got)
	return got.UpdatedAt, err
}

// Find lists what was changed since a moment, the oldest change first.
func (a *account) Find(ctx context.Context, recordType string, since time.Time, cursor string) ([]connectors.Ref, string, error) {
	body := map[string]any{
		"filterGroups": []any{map[string]any{"filters": []any{map[string]string{
			"propertyName": changed(recordType), "operator": "GTE", "value": strconv.FormatInt(max(0, since.UnixMilli()), 10),
		}}}},
		"sorts": []any{map[string]string{"propertyName": changed(recordType), "direction": "ASCENDING"}},
		"limit": most,
	}
	if cursor != "" {
		body["after"] = cursor
	}
	var got struct {
		Results []record `json:"results"`
		Paging  struct {
			Next struct {
				After string `json:"after"`
			} `json:"next"`
		} `json:"paging"`
	}
	_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: "/crm/v3/objects/" + url.PathEscape(recordType) + "/search", Body: body}, &got)
	var found []connectors.Ref
	for _, r := range got.Results {
		found = append(found, connectors.Ref{Type: recordType, ID: r.ID})
	}
	return found, got.Paging.Next.After, err
}

// changed is the property that holds the time of the last change: contacts have an older name for it.
func changed(recordType string) string {
	if recordType == "contacts" {
		return "lastmodifieddate"
	}
	return "hs_lastmodifieddate"
}
