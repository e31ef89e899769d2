package hubspot

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

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
	Paging paging `json:"paging"`
}

// paging leads to the next page, if there is one.
type paging struct {
	Next struct {
		After string `json:"after"`
	} `json:"next"`
}

// most is how many objects one call reads; HubSpot takes no more.
const most = 100

// mostLinked is how many associations one call lists.
const mostLinked = 500

// Read takes one call for the object and one for each association that a path names;
// one more for the associations of a type of the account's own, and one for each type
// of which HubSpot has left something out.
func (a *account) Read(ctx context.Context, ref connectors.Ref, paths []string) (connectors.Record, error) {
	own, inside := split(paths)
	r, err := a.read(ctx, ref, own, inside)
	if err != nil {
		return connectors.Record{}, err
	}
	if err := a.complete(ctx, ref.Type, own, []any{r.Fields}); err != nil {
		return connectors.Record{}, err
	}
	for _, name := range sorted(inside) {
		list, _ := r.Fields[name].([]any)
		if err := a.complete(ctx, name, inside[name], list); err != nil {
			return connectors.Record{}, err
		}
	}
	return r, nil
}

// recordID is the id of a record among its fields. It is no property: nobody asks for
// it, and nobody writes it.
const recordID = "id"

// read reads what HubSpot gives of what is asked for.
func (a *account) read(ctx context.Context, ref connectors.Ref, own []string, inside map[string][]string) (connectors.Record, error) {
	query := url.Values{"archived": {"false"}}
	if own = asked(own); len(own) > 0 {
		query.Set("properties", strings.Join(own, ","))
	}
	if along := slices.DeleteFunc(sorted(inside), func(name string) bool { return !comesAlong(name) }); len(along) > 0 {
		query.Set("associations", strings.Join(along, ","))
	}
	path, err := object(objects, ref)
	if err != nil {
		return connectors.Record{}, err
	}
	var got record
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path + "?" + query.Encode()}, &got); err != nil {
		return connectors.Record{}, err
	}
	read := connectors.Record{Ref: ref, Version: got.UpdatedAt, Fields: got.fields()}
	for _, name := range sorted(inside) {
		ids, err := a.linked(ctx, ref, got, name)
		if err != nil {
			return connectors.Record{}, err
		}
		if read.Fields[name], err = a.readAll(ctx, name, ids, inside[name]); err != nil {
			return connectors.Record{}, err
		}
	}
	return read, nil
}

// asked are the names of properties among these; never nil, which HubSpot does not take for none.
func asked(names []string) []string {
	all := []string{}
	for _, name := range names {
		if name != recordID {
			all = append(all, name)
		}
	}
	return all
}

// fields are the properties and the id.
func (r record) fields() map[string]any {
	all := r.Properties
	if all == nil {
		all = map[string]any{}
	}
	all[recordID] = r.ID
	return all
}

// complete puts nothing in the place of properties that HubSpot has left out because
// they are empty. It leaves out those that it does not know, too, and says which those
// are only when it is asked for all that there are.
func (a *account) complete(ctx context.Context, recordType string, names []string, records []any) error {
	left := func(name string) bool {
		return slices.ContainsFunc(records, func(one any) bool {
			_, there := one.(map[string]any)[name]
			return !there
		})
	}
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !left(name) })
	if len(missing) == 0 {
		return nil
	}
	schema, err := a.properties(ctx, recordType)
	if err != nil {
		return err
	}
	for _, name := range missing {
		if _, there := schema.Field(name); !there {
			return &connectors.Failure{Trouble: connectors.Refused, Code: "PROPERTY_DOESNT_EXIST", Words: "There is no property " + name + " of " + recordType + ".", Fields: []string{name}}
		}
		for _, one := range records {
			if fields := one.(map[string]any); fields[name] == nil {
				fields[name] = nil
			}
		}
	}
	return nil
}

// split tells the properties of the object itself from those of associated ones. The
// name of an association alone asks who is associated.
func split(paths []string) (own []string, inside map[string][]string) {
	inside = map[string][]string{}
	for _, path := range paths {
		if name, rest, deeper := strings.Cut(path, "."); deeper {
			inside[name] = append(inside[name], rest)
		}
	}
	for _, path := range paths {
		_, leads := inside[path]
		switch {
		case strings.Contains(path, ".") || leads:
		case slices.Contains(standard, path) || ownType.MatchString(path):
			inside[path] = nil
		case !slices.Contains(own, path):
			own = append(own, path)
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

// ownType is a name of a type that is the account's own: its id, or the full name that
// HubSpot has made of the account's id and the type's name.
var ownType = regexp.MustCompile(`^(2-[0-9]{1,18}|p[0-9]+_\w+)$`)

// comesAlong tells whether associations of this name come along with an object under a
// name that is known: those of other types have to be asked for.
func comesAlong(name string) bool { return name == notes || slices.Contains(standard, name) }

// linked are the ids of associated objects. HubSpot writes "line items" for what it
// calls line_items elsewhere, and tells the first of many associations only.
func (a *account) linked(ctx context.Context, ref connectors.Ref, r record, name string) ([]string, error) {
	if !comesAlong(name) {
		return a.linkedAll(ctx, ref, name)
	}
	var ids []string
	for kind, found := range r.Associations {
		if strings.ReplaceAll(kind, " ", "_") != name {
			continue
		}
		for _, one := range found.Results {
			if !slices.Contains(ids, one.ID) { // once for each label
				ids = append(ids, one.ID)
			}
		}
		if found.Paging.Next.After != "" {
			return a.linkedAll(ctx, ref, name)
		}
	}
	return ids, nil
}

func (a *account) linkedAll(ctx context.Context, ref connectors.Ref, name string) ([]string, error) {
	path, err := object(linkedObjects, ref)
	if err != nil {
		return nil, err
	}
	other, err := rest.Segment(name)
	if err != nil {
		return nil, err
	}
	var ids []string
	for after := ""; ; {
		query := url.Values{"limit": {strconv.Itoa(mostLinked)}}
		if after != "" {
			query.Set("after", after)
		}
		var got struct {
			Results []struct {
				To json.Number `json:"toObjectId"`
			} `json:"results"`
			Paging paging `json:"paging"`
		}
		if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path + "/associations/" + other + "?" + query.Encode()}, &got); err != nil {
			return nil, err
		}
		for _, one := range got.Results {
			if !slices.Contains(ids, one.To.String()) {
				ids = append(ids, one.To.String())
			}
		}
		if got.Paging.Next.After == "" || got.Paging.Next.After == after {
			return ids, nil
		}
		after = got.Paging.Next.After
	}
}

func (a *account) readAll(ctx context.Context, kind string, ids, names []string) ([]any, error) {
	list := []any{}
	path, err := rest.Segment(kind)
	if err != nil {
		return nil, err
	}
	for chunk := range slices.Chunk(ids, most) {
		var inputs []map[string]string
		for _, id := range chunk {
			inputs = append(inputs, map[string]string{"id": id})
		}
		var got struct {
			Results []record `json:"results"`
		}
		_, err := a.client.JSON(ctx, rest.Request{Method: http.MethodPost, Path: objects + path + "/batch/read",
			Body: map[string]any{"properties": asked(names), "inputs": inputs}}, &got)
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
			if r.ID == id {
				list = append(list, r.fields())
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
	path, err := object(objects, ref)
	if err != nil {
		return "", err
	}
	properties := map[string]any{}
	for name, value := range fields {
		if value == nil {
			value = "" // empties it
		}
		properties[name] = value
	}
	var got record
	_, err = a.client.JSON(ctx, rest.Request{Method: http.MethodPatch, Path: path, Body: map[string]any{"properties": properties}}, &got)
	return got.UpdatedAt, err
}
