// Package csvfile connects tables: a CSV file (RFC 4180) at an address, and reads those
// that somebody uploads. Each row is a record of type Row; the first row names the fields.
package csvfile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"chancery/connectors"
	"chancery/connectors/rest"
	"chancery/problem"
)

// RowType is the one type of record that a table has.
const RowType = "Row"

// Limits of a table.
const (
	MaxRows    = 10_000
	MaxColumns = 200
	MaxCell    = 32 << 10 // bytes
)

// Table is a file that has been read.
type Table struct {
	Columns []string
	Rows    []map[string]any
}

// Read reads a table. The delimiter is the one of comma, semicolon and tab that the
// first line has most of; a byte order mark is passed over. What is wrong is told
// with its line.
func Read(r io.Reader) (Table, error) {
	content, err := io.ReadAll(io.LimitReader(r, rest.MaxReply+1))
	switch {
	case err != nil:
		return Table{}, problem.Invalid("csv_unreadable", "The table could not be read to its end.").Because(err)
	case len(content) > rest.MaxReply:
		return Table{}, problem.TooLarge("csv_too_large", "The table is larger than 16 MiB.")
	case !utf8.Valid(content):
		return Table{}, problem.Invalid("csv_unreadable", "The table is not written in UTF-8.")
	}
	content = bytes.TrimPrefix(content, []byte("\uFEFF"))
	reader := csv.NewReader(bytes.NewReader(content))
	reader.Comma = delimiter(content)
	t := Table{}
	if t.Columns, err = reader.Read(); err != nil {
		return Table{}, broken(err)
	}
	if err := checkColumns(t.Columns); err != nil {
		return Table{}, err
	}
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return Table{}, broken(err)
		}
		if len(t.Rows) == MaxRows {
			return Table{}, problem.TooLarge("csv_too_large", "The table has more than 10000 rows.")
		}
		row := map[string]any{}
		for i, cell := range cells {
			if len(cell) > MaxCell {
				return Table{}, problem.TooLarge("csv_too_large", fmt.Sprintf("Row %d has a cell of more than 32 KiB: %s.", len(t.Rows)+1, t.Columns[i]))
			}
			row[t.Columns[i]] = cell
		}
		t.Rows = append(t.Rows, row)
	}
}

func delimiter(content []byte) rune {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	best, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t'} {
		if n := strings.Count(string(first), string(candidate)); n > most {
			best, most = candidate, n
		}
	}
	return best
}

func broken(err error) error {
	var where *csv.ParseError
	if errors.As(err, &where) {
		return problem.Invalid("csv_unreadable", fmt.Sprintf("The table cannot be read: line %d is not like the others.", where.Line)).Because(err)
	}
	return problem.Invalid("csv_unreadable", "The table is empty or cannot be read.").Because(err)
}

// checkColumns holds names to what a path can name.
func checkColumns(names []string) error {
	if len(names) > MaxColumns {
		return problem.TooLarge("csv_too_large", "The table has more than 200 columns.")
	}
	for i, name := range names {
		name = strings.TrimSpace(name)
		names[i] = name
		if name == "" || slices.Contains(names[:i], name) {
			return problem.Invalid("csv_unreadable", fmt.Sprintf("Column %d has no name of its own.", i+1))
		}
	}
	return nil
}

// Settings of a connection.
const (
	settingAddress = "address"
	settingKey     = "key"
)

// System connects a table at an address, which is looked at every few minutes.
func System() connectors.System {
	return connectors.System{
		Name: "csv", Title: "Table (CSV)",
		Settings: []connectors.Setting{
			{Name: settingAddress, Title: "Address", Help: "Where the table lies, such as https://example.com/people.csv.", Secret: true},
			{Name: settingKey, Title: "Key column", Help: "Tells rows apart; without it a row that changes is a new one.", Optional: true},
		},
		Open: open,
	}
}

type file struct {
	client *rest.Client
	key    string
}

func open(c connectors.Connection, client *http.Client) (connectors.Reader, error) {
	address, err := url.Parse(c.Settings[settingAddress])
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return nil, problem.Invalid("setting_invalid", "The address of the table is a URL such as https://example.com/people.csv.").At("settings.%s", settingAddress)
	}
	return &file{&rest.Client{HTTP: client, Base: address.String()}, c.Settings[settingKey]}, nil
}

func (f *file) table(ctx context.Context) (Table, error) {
	reply, err := f.client.Do(ctx, rest.Request{Method: http.MethodGet})
	if err != nil {
		return Table{}, err
	}
	return Read(bytes.NewReader(reply.Body))
}

// ID of a row: its key, or a hash of all of it.
func (t Table) ID(row map[string]any, key string) string {
	if id, there := row[key].(string); there && id != "" {
		return id
	}
	sum := sha256.New()
	for _, column := range t.Columns {
		text := row[column].(string) // Read makes nothing else
		fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:12])
}

// Read finds a row again.
func (f *file) Read(ctx context.Context, ref connectors.Ref, _ []string) (connectors.Record, error) {
	t, err := f.table(ctx)
	if err != nil {
		return connectors.Record{}, err
	}
	for _, row := range t.Rows {
		if t.ID(row, f.key) == ref.ID {
			return connectors.Record{Ref: ref, Version: t.ID(row, ""), Fields: row}, nil
		}
	}
	return connectors.Record{}, &connectors.Failure{Trouble: connectors.Gone, Words: "The table has no such row any more."}
}

// Find lists all rows: a table does not say which of them are new.
func (f *file) Find(ctx context.Context, recordType string, _ time.Time, _ string) ([]connectors.Ref, string, error) {
	if recordType != RowType {
		return nil, "", nil
	}
	t, err := f.table(ctx)
	var found []connectors.Ref
	for _, row := range t.Rows {
		found = append(found, connectors.Ref{Type: RowType, ID: t.ID(row, f.key)})
	}
	return found, "", err
}

// Types is one.
func (f *file) Types(context.Context) ([]string, error) { return []string{RowType}, nil }

// Describe tells the columns.
func (f *file) Describe(ctx context.Context, recordType string) (connectors.Schema, error) {
	schema := connectors.Schema{Type: RowType, Label: "Row"}
	if recordType != RowType {
		return schema, &connectors.Failure{Trouble: connectors.Gone, Words: "A table has rows and nothing else."}
	}
	t, err := f.table(ctx)
	for _, column := range t.Columns {
		schema.Fields = append(schema.Fields, connectors.Field{Name: column, Label: column, Kind: connectors.Text})
	}
	return schema, err
}
