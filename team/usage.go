package team

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// Usage is what a team has sent in a month. Tests are free and counted apart.
type Usage struct {
	Team          string
	Name          string // of the team
	Envelopes     int
	Documents     int
	TestEnvelopes int
	TestDocuments int
}

// Month is the calendar month, in UTC, that a moment lies in.
func Month(at time.Time) time.Time {
	year, month, _ := at.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// WriteUsage writes what the teams of an organisation have sent in a month as CSV
// (RFC 4180), for a spreadsheet.
func WriteUsage(w io.Writer, month time.Time, teams []Usage) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"month", "team", "name", "envelopes", "documents", "test_envelopes", "test_documents"}); err != nil {
		return err
	}
	for _, u := range teams {
		err := out.Write([]string{month.Format("2006-01"), u.Team, plainCell(u.Name),
			strconv.Itoa(u.Envelopes), strconv.Itoa(u.Documents), strconv.Itoa(u.TestEnvelopes), strconv.Itoa(u.TestDocuments)})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r") {
		return "'" + text
	}
	return text
}
