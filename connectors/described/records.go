package described

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/connectors/rest"
	"chancery/problem"
)

var errUnknownType = &connectors.Failure{Trouble: connectors.Refused, Code: "type_unknown", Words: "The connection describes no such type of record."}

func (a *account) of(recordType string) (*described, error) {
	d, there := a.types[recordType]
	if !there {
		return nil, errUnknownType
	}
	return d, nil
}

// filled puts values into a path template, escaped as RFC 3986 wants it there.
func filled(template string, values map[string]string) (string, error) {
	path, query, asks := strings.Cut(template, "?")
	var inPath, inQuery []string
	for name, value := range values {
		mark := "{" + name + "}"
		if strings.Contains(path, mark) {
			segment, err := rest.Segment(value)
			if err != nil {
				return "", err
			}
			inPath = append(inPath, mark, segment)
		}
		inQuery = append(inQuery, mark, url.QueryEscape(value))
	}
	path = strings.NewReplacer(inPath...).Replace(path)
	if asks {
		path += "?" + strings.NewReplacer(inQuery...).Replace(query)
	}
	return path, nil
}

// asked evaluates an expression over a reply. One that fails there will fail again:
// the reply is not what the description says.
func asked(ctx context.Context, source string, e *mapping.Expression, reply any) (any, error) {
	if e == nil {
		return reply, nil
	}
	if inside, there := follow(source, reply); there {
		return inside, nil
	}
	value, err := e.Eval(ctx, map[string]any{"reply": reply})
	if err != nil {
		return nil, failed(err)
	}
	return plain(value), nil
}

// follow goes down a plain path, such as reply.data, in the reply itself: expressions
// know numbers only as far as floats are exact.
func follow(path string, reply any) (inside any, there bool) {
	names := strings.Split(path, ".")
	if names[0] != "reply" {
		return nil, false
	}
	inside = reply
	for _, name := range names[1:] {
		fields, is := inside.(map[string]any)
		if !is {
			return nil, false
		}
		if inside, there = fields[name]; !there {
			return nil, false
		}
	}
	return inside, true
}

func failed(err error) error {
	why := problem.Of(err)
	return (&connectors.Failure{Trouble: connectors.Refused, Code: why.Code, Words: connectors.Clean(why.Public)}).Because(err)
}

// plain gives numbers their text again, as a record has them.
func plain(value any) any {
	switch v := value.(type) {
	case float64:
		return json.Number(strconv.FormatFloat(v, 'f', -1, 64))
	case map[string]any:
		for name, inside := range v {
			v[name] = plain(inside)
		}
	case []any:
		for i, inside := range v {
			v[i] = plain(inside)
		}
	}
	return value
}

// Read asks for the whole record: what of it is wanted, the system cannot be told. A
// path that neither the record nor the sample knows is a mistake of whoever wrote it.
func (a *account) Read(ctx context.Context, ref connectors.Ref, paths []string) (connectors.Record, error) {
	d, err := a.of(ref.Type)
	if err != nil {
		return connectors.Record{}, err
	}
	path, err := filled(d.Read.Path, map[string]string{"id": ref.ID})
	if err != nil {
		return connectors.Record{}, err
	}
	var said any
	reply, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path}, &said)
	if err != nil {
		return connectors.Record{}, err
	}
	read := connectors.Record{Ref: ref, Version: reply.Header.Get("ETag")}
	fields, err := asked(ctx, d.Read.Fields, d.Read.fields, said)
	if err != nil {
		return read, err
	}
	var is bool
	if read.Fields, is = fields.(map[string]any); !is {
		return read, &connectors.Failure{Trouble: connectors.Refused, Code: "reply_unreadable", Words: "The reply holds no record where the description says."}
	}
	if d.Read.version != nil {
		version, err := asked(ctx, d.Read.Version, d.Read.version, said)
		if err != nil {
			return read, err
		}
		if read.Version = ""; version != nil {
			read.Version = fmt.Sprint(version)
		}
	}
	return read, d.knows(paths, read.Fields)
}

func (d *described) knows(paths []string, fields map[string]any) error {
	if len(d.Sample) == 0 {
		return nil
	}
	for _, path := range paths {
		name, _, _ := strings.Cut(path, ".")
		_, there := fields[name]
		if _, known := d.Sample[name]; !there && !known {
			return &connectors.Failure{Trouble: connectors.Refused, Code: "field_unknown", Words: "Neither the record nor its sample has " + connectors.Clean(name) + ".", Fields: []string{name}}
		}
	}
	return nil
}

var errReadOnly = &connectors.Failure{Trouble: connectors.Refused, Code: "read_only", Words: "The connection does not describe how this record is written."}

var errChanged = &connectors.Failure{Trouble: connectors.Changed, Words: "The record has changed since it was read."}

// Write sends the body that the description makes of the fields. A version goes
// along as If-Match where the description says so; elsewhere it is compared just before.
func (a *account) Write(ctx context.Context, ref connectors.Ref, fields map[string]any, version string) (string, error) {
	d, err := a.of(ref.Type)
	if err != nil {
		return "", err
	}
	if d.Write == nil {
		return "", errReadOnly
	}
	var body any = fields
	if d.Write.body != nil {
		if body, err = d.Write.body.Eval(ctx, map[string]any{"fields": fields, "version": version, "id": ref.ID}); err != nil {
			return "", failed(err)
		}
	}
	path, err := filled(d.Write.Path, map[string]string{"id": ref.ID})
	if err != nil {
		return "", err
	}
	request := rest.Request{Method: d.Write.method(), Path: path, Body: body}
	switch {
	case version == "":
	case d.Write.Match:
		request.Header = http.Header{"If-Match": {version}}
	default:
		if now, err := a.Read(ctx, ref, nil); err != nil {
			return "", err
		} else if now.Version != version {
			return "", errChanged
		}
	}
	if _, err := a.client.Do(ctx, request); err != nil {
		return "", err
	}
	now, err := a.Read(ctx, ref, nil)
	return now.Version, err
}

func (w *writing) method() string {
	if w.Method == "" {
		return http.MethodPatch
	}
	return strings.ToUpper(w.Method)
}

// Find asks for a page of ids.
func (a *account) Find(ctx context.Context, recordType string, since time.Time, cursor string) ([]connectors.Ref, string, error) {
	d, err := a.of(recordType)
	if err != nil || d.Find == nil {
		return nil, "", err
	}
	path, err := filled(d.Find.Path, map[string]string{"since": since.UTC().Format(time.RFC3339), "cursor": cursor})
	if err != nil {
		return nil, "", err
	}
	var said any
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path}, &said); err != nil {
		return nil, "", err
	}
	list, err := asked(ctx, d.Find.List, d.Find.list, said)
	if err != nil {
		return nil, "", err
	}
	ids, is := list.([]any)
	if !is {
		return nil, "", &connectors.Failure{Trouble: connectors.Refused, Code: "reply_unreadable", Words: "The reply holds no list where the description says."}
	}
	var found []connectors.Ref
	for _, value := range ids {
		id, err := asID(value)
		if err != nil {
			return nil, "", err
		}
		found = append(found, connectors.Ref{Type: recordType, ID: id})
	}
	next := ""
	if d.Find.next != nil {
		value, err := asked(ctx, d.Find.Next, d.Find.next, said)
		if err != nil {
			return nil, "", err
		}
		if value != nil {
			next = fmt.Sprint(value)
		}
	}
	if next == cursor {
		next = "" // or we should never come to an end
	}
	return found, next, nil
}

// exact is where the numbers of expressions cease to be exact: another record's id
// would come of a larger one.
const exact = 1 << 53

func asID(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case json.Number:
		if n, err := v.Int64(); err == nil && n > -exact && n < exact {
			return v.String(), nil
		}
	}
	return "", &connectors.Failure{Trouble: connectors.Refused, Code: "id_invalid", Words: "An id in the list is neither a text nor a whole number below 2^53."}
}

// File posts a multipart form. The key goes along as Idempotency-Key.
func (a *account) File(ctx context.Context, ref connectors.Ref, f connectors.File) (string, error) {
	d, err := a.of(ref.Type)
	if err != nil {
		return "", err
	}
	if d.File == nil {
		return "", &connectors.Failure{Trouble: connectors.Refused, Code: "no_files", Words: "The connection does not describe how files are filed."}
	}
	path, err := filled(d.File.Path, map[string]string{"id": ref.ID})
	if err != nil {
		return "", err
	}
	form, kind, err := rest.Form(f, cmp.Or(d.File.Part, "file"), nil)
	if err != nil {
		return "", err
	}
	_, err = a.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: path,
		Raw: form, Type: kind, Header: http.Header{"Idempotency-Key": {f.Key}}})
	return f.Key, err
}
