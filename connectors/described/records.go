package described

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
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
func filled(template string, values map[string]string) string {
	path, query, asks := strings.Cut(template, "?")
	var inPath, inQuery []string
	for name, value := range values {
		inPath = append(inPath, "{"+name+"}", url.PathEscape(value))
		inQuery = append(inQuery, "{"+name+"}", url.QueryEscape(value))
	}
	path = strings.NewReplacer(inPath...).Replace(path)
	if asks {
		path += "?" + strings.NewReplacer(inQuery...).Replace(query)
	}
	return path
}

// Read asks for the whole record: what of it is wanted, the system cannot be told.
func (a *account) Read(ctx context.Context, ref connectors.Ref, _ []string) (connectors.Record, error) {
	d, err := a.of(ref.Type)
	if err != nil {
		return connectors.Record{}, err
	}
	var said any
	reply, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: filled(d.Read.Path, map[string]string{"id": ref.ID})}, &said)
	if err != nil {
		return connectors.Record{}, err
	}
	read := connectors.Record{Ref: ref, Version: reply.Header.Get("ETag")}
	fields := said
	if d.Read.fields != nil {
		if fields, err = d.Read.fields.Eval(ctx, map[string]any{"reply": said}); err != nil {
			return read, err
		}
	}
	var is bool
	if read.Fields, is = fields.(map[string]any); !is {
		return read, &connectors.Failure{Trouble: connectors.Refused, Code: "reply_unreadable", Words: "The reply holds no record where the description says."}
	}
	if d.Read.version != nil {
		version, err := d.Read.version.Eval(ctx, map[string]any{"reply": said})
		if err != nil {
			return read, err
		}
		read.Version = fmt.Sprint(version)
	}
	return read, nil
}

var errReadOnly = &connectors.Failure{Trouble: connectors.Refused, Code: "read_only", Words: "The connection does not describe how this record is written."}

// Write sends the body that the description makes of the fields. A version goes
// along as If-Match where the description says so.
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
			return "", err
		}
	}
	request := rest.Request{Method: d.Write.method(), Path: filled(d.Write.Path, map[string]string{"id": ref.ID}), Body: body}
	if d.Write.Match && version != "" {
		request.Header = http.Header{"If-Match": {version}}
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
	var said any
	path := filled(d.Find.Path, map[string]string{"since": since.UTC().Format(time.RFC3339), "cursor": cursor})
	if _, err := a.client.JSON(ctx, rest.Request{Method: http.MethodGet, Path: path}, &said); err != nil {
		return nil, "", err
	}
	list := said
	if d.Find.list != nil {
		if list, err = d.Find.list.Eval(ctx, map[string]any{"reply": said}); err != nil {
			return nil, "", err
		}
	}
	ids, _ := list.([]any)
	var found []connectors.Ref
	for _, id := range ids {
		found = append(found, connectors.Ref{Type: recordType, ID: asID(id)})
	}
	next := ""
	if d.Find.next != nil {
		value, err := d.Find.next.Eval(ctx, map[string]any{"reply": said})
		if err != nil {
			return nil, "", err
		}
		if text, is := value.(string); is {
			next = text
		}
	}
	if next == cursor {
		next = "" // or we should never come to an end
	}
	return found, next, nil
}

func asID(value any) string {
	if number, is := value.(float64); is {
		encoded, _ := json.Marshal(number) // a float that came out of JSON goes back in
		return string(encoded)
	}
	return fmt.Sprint(value)
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
	form, kind, err := formOf(f, d.File.Part)
	if err != nil {
		return "", err
	}
	_, err = a.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: filled(d.File.Path, map[string]string{"id": ref.ID}),
		Raw: form, Type: kind, Header: http.Header{"Idempotency-Key": {f.Key}}})
	return f.Key, err
}

func formOf(f connectors.File, name string) (form []byte, kind string, err error) {
	if name == "" {
		name = "file"
	}
	content, err := f.Open()
	if err != nil {
		return nil, "", fmt.Errorf("open file %s: %w", f.Key, err)
	}
	defer content.Close()
	var out bytes.Buffer
	parts := multipart.NewWriter(&out)
	header := textproto.MIMEHeader{"Content-Type": {f.MediaType}}
	header.Set("Content-Disposition", multipart.FileContentDisposition(name, f.Name))
	part, err := parts.CreatePart(header)
	if err == nil {
		_, err = io.Copy(part, content)
	}
	if err == nil {
		err = parts.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("write form: %w", err)
	}
	return out.Bytes(), parts.FormDataContentType(), nil
}

// Types are those that are described.
func (a *account) Types(context.Context) ([]string, error) {
	var names []string
	for name := range a.types {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// Describe tells the fields of the sample. Related records are described as types
// of their own, named by their path.
func (a *account) Describe(_ context.Context, recordType string) (connectors.Schema, error) {
	root, path, deeper := strings.Cut(recordType, ".")
	d, err := a.of(root)
	if err != nil {
		return connectors.Schema{}, err
	}
	inside := d.Sample
	if deeper {
		for name := range strings.SplitSeq(path, ".") {
			if inside = related(inside[name]); inside == nil {
				return connectors.Schema{}, errUnknownType
			}
		}
	}
	schema := connectors.Schema{Type: recordType, Label: recordType}
	for name, value := range inside {
		schema.Fields = append(schema.Fields, fieldOf(recordType, name, value, d.Write != nil && !deeper))
	}
	slices.SortFunc(schema.Fields, func(a, b connectors.Field) int { return strings.Compare(a.Label, b.Label) })
	return schema, nil
}

// related is the record inside a value: itself, or the first of a list.
func related(value any) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return v
	case []any:
		if len(v) > 0 {
			return related(v[0])
		}
	}
	return nil
}

func fieldOf(recordType, name string, value any, writable bool) connectors.Field {
	f := connectors.Field{Name: name, Label: name, Kind: connectors.Text, Writable: writable}
	switch value.(type) {
	case bool:
		f.Kind = connectors.Boolean
	case int, int64, uint64, float64:
		f.Kind = connectors.Number
	}
	if related(value) != nil {
		_, many := value.([]any)
		return connectors.Field{Label: name, Kind: connectors.Other, Related: name, Refers: recordType + "." + name, Many: many}
	}
	return f
}
