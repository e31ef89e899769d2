package csvfile_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors"
	"chancery/connectors/csvfile"
	"chancery/problem"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestATableIsReadHoweverItIsWritten(t *testing.T) {
	want := csvfile.Table{Columns: []string{"Name", "Mail"}, Rows: []map[string]any{{"Name": "Lee, Ann", "Mail": "ann@example.com"}, {"Name": "Zoë", "Mail": ""}}}
	for name, text := range map[string]string{
		"with commas":               "Name,Mail\n\"Lee, Ann\",ann@example.com\nZoë,\n",
		"with semicolons":           "Name;Mail\nLee, Ann;ann@example.com\nZoë;",
		"with tabs and a mark":      "\uFEFFName\tMail\r\nLee, Ann\tann@example.com\r\nZoë\t\r\n",
		"with spaces round a title": " Name , Mail\n\"Lee, Ann\",ann@example.com\nZoë,\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := csvfile.Read(strings.NewReader(text))
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Fatal(diff, err)
			}
		})
	}
}

func TestATableThatIsNoneIsRefusedWithItsLine(t *testing.T) {
	for name, tt := range map[string]struct{ text, code string }{
		"nothing":            {"", "csv_unreadable"},
		"a short row":        {"A,B\n1,2\n1\n", "csv_unreadable"},
		"a quote that opens": {"A,B\n\"1,2\n", "csv_unreadable"},
		"a title twice":      {"A,A\n1,2\n", "csv_unreadable"},
		"a column without":   {"A,\n1,2\n", "csv_unreadable"},
		"another code":       {"A\n\xff\n", "csv_unreadable"},
		"too many rows":      {"A\n" + strings.Repeat("1\n", csvfile.MaxRows+1), "csv_too_large"},
		"too much in one":    {"A\n" + strings.Repeat("x", csvfile.MaxCell+1), "csv_too_large"},
		"too many columns":   {strings.Repeat("a,", csvfile.MaxColumns) + "b\n", "csv_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := csvfile.Read(strings.NewReader(tt.text)); !problem.Has(err, tt.code) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestRowsOfATableAtAnAddressAreRecords(t *testing.T) {
	table := "Id,Name\n7,Ann\n8,Bob\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, table) }))
	defer server.Close()
	reader, err := csvfile.System().Open(connectors.Connection{ID: "con_1", Settings: map[string]string{"address": server.URL, "key": "Id"}}, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	found, next, err := reader.(connectors.Finder).Find(t.Context(), csvfile.RowType, noon, "")
	if err != nil || next != "" || len(found) != 2 || found[1].ID != "8" {
		t.Fatalf("found %v, %q, %v", found, next, err)
	}
	before, err := reader.Read(t.Context(), found[1], nil)
	if err != nil || before.Fields["Name"] != "Bob" {
		t.Fatalf("read %+v, %v", before, err)
	}
	table = "Id,Name\n8,Robert\n"
	after, err := reader.Read(t.Context(), found[1], nil)
	if err != nil || after.Fields["Name"] != "Robert" || after.Version == before.Version {
		t.Fatalf("read %+v, %v", after, err)
	}
	if _, err := reader.Read(t.Context(), found[0], nil); connectors.TroubleOf(err) != connectors.Gone {
		t.Fatalf("a row that is gone: %v", err)
	}
}

func FuzzATableIsReadOrRefused(f *testing.F) {
	f.Add("A,B\n1,2\n")
	f.Add("\uFEFFA;B\n\"x;y\";2")
	f.Fuzz(func(t *testing.T, text string) {
		table, err := csvfile.Read(strings.NewReader(text))
		if err != nil && problem.Of(err).Kind == problem.KindInternal {
			t.Fatal(err)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Columns) || table.ID(row, "") == "" {
				t.Fatalf("a row of %d in a table of %d", len(row), len(table.Columns))
			}
		}
	})
}
