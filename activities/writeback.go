package activities

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/problem"
)

// WriteBack lets a journey's record learn of the events up to one, in their order
// and in one go: what a later event says of a field takes the place of what an
// earlier one said.
func (c *Clerk) WriteBack(ctx context.Context, b Back) error {
	due, err := c.Records.Due(ctx, b.Journey, b.Event)
	if err != nil || len(due) == 0 {
		return err
	}
	j, err := c.Records.Journey(ctx, b.Journey)
	if err != nil {
		return Refusal(err)
	}
	err = c.writeBack(ctx, j, due)
	return c.follow(err, func(words string) error { return c.Records.Stuck(ctx, j.ID, due[len(due)-1].Event, words) })
}

func (c *Clerk) writeBack(ctx context.Context, j connectors.Journey, due []connectors.WriteBack) error {
	m, ready, err := c.mapping(ctx, j)
	if err != nil {
		return err
	}
	system, err := c.open(ctx, j.Connection)
	if err != nil {
		return err
	}
	e, err := c.Records.Envelope(ctx, j.Envelope)
	if err != nil {
		return err
	}
	record := connectors.Record{Ref: j.Ref, Fields: maps.Clone(j.Baseline.Fields)}
	overwrites := m.Overwrites(types(due))
	if !overwrites {
		if record, err = system.Read(ctx, j.Ref, unique(ready.Paths(), m.Targets())); err != nil {
			return err
		}
	}
	out, err := c.gather(ready, e, due, record.Fields)
	if err != nil {
		return err
	}
	fields, err := settled(out.Fields, j.Baseline.Fields, record.Fields, overwrites)
	if err != nil {
		return err
	}
	now, err := c.write(ctx, system, fields, record)
	if err != nil {
		return err
	}
	if err := c.file(ctx, system, j, e, out.Files); err != nil {
		return err
	}
	var events []string
	for _, w := range due {
		events = append(events, w.Event)
	}
	now.Fields = chosen(now.Fields, m.Targets())
	return c.Records.Written(ctx, j.ID, events, now)
}

// types of the events that a record is to learn of.
func types(due []connectors.WriteBack) (all []envelope.EventType) {
	for _, w := range due {
		all = append(all, w.Type)
	}
	return all
}

// gather puts together what all the events say; of a field, the last word counts.
func (c *Clerk) gather(ready mapping.Compiled, e envelope.Envelope, due []connectors.WriteBack, record map[string]any) (mapping.Outcome, error) {
	var all mapping.Outcome
	for _, w := range due {
		said, err := ready.Back(w.Type, mapping.Source{Record: record, Envelope: About(e, c.Link(e), w)})
		if err != nil {
			return all, err
		}
		for _, f := range said.Fields {
			all.Fields = slices.DeleteFunc(all.Fields, func(earlier mapping.Filled) bool { return strings.EqualFold(earlier.Field, f.Field) })
			all.Fields = append(all.Fields, f)
		}
		all.Files = append(all.Files, said.Files...)
	}
	return all, nil
}

// About is the envelope, whose page is at link, as expressions of a mapping see it.
func About(e envelope.Envelope, link string, w connectors.WriteBack) map[string]any {
	var people []any
	for _, r := range e.Recipients {
		people = append(people, map[string]any{
			"id": r.ID, "name": r.Person.Name, "email": r.Person.Email, "role": string(r.Role), "status": string(r.Status),
			"reason": r.Reason, "acted_at": when(r.ActedAt), "step": fmt.Sprint(r.Step),
		})
	}
	return map[string]any{
		"id": e.ID, "status": string(e.Status), "title": e.Title, "reason": e.Reason, "test": e.Test, "link": link,
		"sent_at": when(e.SentAt), "ended_at": when(e.EndedAt), "expires_at": when(e.ExpiresAt), "recipients": people,
		"event": string(w.Type), "at": when(w.At),
	}
}

func when(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// settled are the fields that are written into a record: all of them where they take
// the place of whatever it says, and else those that win over what somebody has changed.
func settled(fields []mapping.Filled, was, now map[string]any, overwrites bool) (map[string]any, error) {
	if overwrites {
		all := map[string]any{}
		for _, f := range fields {
			all[f.Field] = f.Value
		}
		return all, nil
	}
	merged := mapping.Merge(fields, was, now)
	if len(merged.Asked) > 0 {
		return nil, problem.Conflict("record_changed", "Somebody else has changed what is to be written: "+strings.Join(merged.Asked, ", ")+". Decide whose values count.")
	}
	return merged.Write, nil
}

// write changes a record that is still of its version, if it has one.
func (c *Clerk) write(ctx context.Context, system connectors.Reader, fields map[string]any, record connectors.Record) (connectors.Baseline, error) {
	now := connectors.Baseline{Version: record.Version, Fields: record.Fields}
	if len(fields) == 0 {
		return now, nil
	}
	writer, able := system.(connectors.Writer)
	if !able {
		return now, problem.Invalid("system_reads_only", "This system takes nothing back.")
	}
	version, err := writer.Write(ctx, record.Ref, fields, record.Version)
	if err != nil {
		return now, err // one that has changed since is read again by the next try
	}
	now.Version = version
	if now.Fields == nil {
		now.Fields = map[string]any{}
	}
	maps.Copy(now.Fields, fields)
	return now, nil
}

// file hangs documents on the record, each once.
func (c *Clerk) file(ctx context.Context, system connectors.Reader, j connectors.Journey, e envelope.Envelope, filings []mapping.Filing) error {
	for _, f := range filings {
		files, err := c.files(ctx, e, f)
		if err != nil {
			return err
		}
		to := j.Ref
		if f.To != "" {
			to = connectors.Ref{ID: f.To}
		}
		filer, able := system.(connectors.Filer)
		if !able {
			return problem.Invalid("system_takes_no_files", "This system takes no files.")
		}
		for _, file := range files {
			if _, err := filer.File(ctx, to, file); err != nil {
				return err
			}
		}
	}
	return nil
}

// files are the documents, or the audit trail, that one row files.
func (c *Clerk) files(ctx context.Context, e envelope.Envelope, f mapping.Filing) ([]connectors.File, error) {
	if f.What == mapping.FileTrail {
		trail, err := c.Papers.AuditPDF(ctx, e)
		name := f.Name
		if name == "" {
			name = e.Title + " audit trail"
		}
		return []connectors.File{pdf(e.ID+"/trail", name, trail)}, err
	}
	var all []connectors.File
	for i, d := range e.Documents {
		content, err := c.paper(ctx, e, d.ID)
		if err != nil {
			return nil, err
		}
		name := f.Name
		switch {
		case name == "":
			name = strings.TrimSuffix(d.Name, ".pdf")
		case len(e.Documents) > 1:
			name = fmt.Sprintf("%s %d", name, i+1)
		}
		all = append(all, pdf(e.ID+"/"+d.ID, name, content))
	}
	return all, nil
}

func (c *Clerk) paper(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error) {
	if e.Status == envelope.Completed {
		return c.Papers.Final(ctx, e, documentID)
	}
	return c.Papers.Current(ctx, e, documentID)
}

func pdf(key, name string, content []byte) connectors.File {
	return connectors.File{Key: key, Name: name + ".pdf", MediaType: "application/pdf", Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}
