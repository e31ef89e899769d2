// Package connectorstest holds what each connector must do, whatever its system: a
// suite that is run against a stand-in of the system which can be broken.
//
// A connector's own test makes a Subject and calls Run. Talents that the connector
// does not have are not asked for; Subject says which it has, so that one which is
// lost by accident is noticed.
package connectorstest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/connectors"
)

// Subject is a connector and what the suite must know of the system behind it. Each
// test has one of its own.
type Subject struct {
	Connector connectors.Reader
	Talents   []Talent

	Record    connectors.Ref    // one that is there, read and written
	Reads     map[string]string // paths of it and what they hold; at least one goes through a relation
	ReadCalls int               // calls that all of Reads take; 1 unless set
	List      string            // path to a list of at least two related records; "" when there are none
	Text      string            // field of it that takes any text
	ReadOnly  string            // field of it that nobody can write
	Gone      connectors.Ref    // one that was there
	Many      string            // type with more records than a page of Find
	ManyOf    int               // how many
	Wait      time.Duration     // that a throttled call is told; 7 s unless set
	Secrets   []string          // that no error may show

	Break  func(Break)               // the next call, or all from now on, meets this
	Touch  func(field, value string) // somebody else changes the record, later
	Value  func(field string) string // what the system holds
	Files  func() int                // how many files hang on the record
	Calls  func() int                // that were made until now, without those to sign in
	Logins func() int                // how often anybody signed in
}

// Talent is an interface beyond Reader.
type Talent string

const (
	Finds     Talent = "Finder"
	Writes    Talent = "Writer"
	Files     Talent = "Filer"
	Watches   Talent = "Watcher"
	Describes Talent = "Describer"
	Tests     Talent = "Tester"
)

// Break is something that goes wrong.
type Break string

const (
	Mended    Break = "nothing"
	TokenEnds Break = "the token ends"        // once
	Revoked   Break = "the access is revoked" // signing in does not help
	Throttled Break = "too many calls"        // the next call
	Failing   Break = "an error inside"       // the next call
	Down      Break = "maintenance"           // the next call
	Locked    Break = "a lock"                // the next write
	Strange   Break = "a page of HTML"        // the next call
	Hanging   Break = "no answer"             // the next call, until the caller gives up
	Lost      Break = "a lost answer"         // the next write is done, and its answer lost
	Away      Break = "nobody there"          // from now on
)

const patience = 30 * time.Second

// Run runs the suite.
func Run(t *testing.T, start func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"has the talents that it should":                          talents,
		"reads a record with what is related to it, in few calls": reads,
		"says which field it does not know":                       unknownField,
		"tells that a record is gone":                             gone,
		"signs in again when the token ends":                      tokenEnds,
		"signs in once for many":                                  signsInOnce,
		"says so when the access is revoked":                      revoked,
		"waits as long as it is told":                             throttled,
		"takes what passes for what passes":                       passes,
		"gives up when its caller does":                           hangs,
		"writes, empties and reads back":                          writes,
		"does not write over what somebody else has written":      conflict,
		"is refused what cannot be written, by name":              readOnly,
		"may lose an answer":                                      lostAnswer,
		"files a file once":                                       files,
		"finds everything, page by page":                          finds,
		"describes what it reads":                                 describes,
		"tells as whom it speaks":                                 tests,
		"hears of changes, and whose they are":                    watches,
		"goes on where it stopped":                                resumes,
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			checked{t, s}.secrets()
			test(t, s)
		})
	}
}

type checked struct {
	t *testing.T
	s Subject
}

// secrets tells that the suite can see a leak at all: an empty secret is in every text.
func (c checked) secrets() {
	for _, secret := range c.s.Secrets {
		if len(secret) < 4 {
			c.t.Fatalf("the secret %q is too short to look for", secret)
		}
	}
}

func (s Subject) has(talent Talent) bool {
	for _, has := range s.Talents {
		if has == talent {
			return true
		}
	}
	return false
}

// failure holds an error to what it should be, and to showing no secrets.
func failure(t *testing.T, s Subject, err error, want connectors.Trouble) *connectors.Failure {
	t.Helper()
	f, is := connectors.FailureOf(err)
	if !is || f.Trouble != want {
		t.Fatalf("got %v, want a failure of kind %s", err, want)
	}
	for _, secret := range s.Secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
	if len(f.Words) > connectors.MaxWords || strings.ContainsAny(f.Words, "\r\n\x00") {
		t.Errorf("the system's words are not clean: %q", f.Words)
	}
	return f
}

func read(t *testing.T, s Subject, paths ...string) connectors.Record {
	t.Helper()
	r, err := s.Connector.Read(t.Context(), s.Record, paths)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// at follows a path; in a list it takes the first.
func at(fields map[string]any, path string) any {
	var here any = fields
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := here.([]any); ok && len(list) > 0 {
			here = list[0]
		}
		inside, ok := here.(map[string]any)
		if !ok {
			return nil
		}
		here = inside[name]
	}
	return here
}

func talents(t *testing.T, s Subject) {
	_, finds := s.Connector.(connectors.Finder)
	_, writes := s.Connector.(connectors.Writer)
	_, files := s.Connector.(connectors.Filer)
	_, watches := s.Connector.(connectors.Watcher)
	_, describes := s.Connector.(connectors.Describer)
	_, tests := s.Connector.(connectors.Tester)
	for talent, real := range map[Talent]bool{Finds: finds, Writes: writes, Files: files, Watches: watches, Describes: describes, Tests: tests} {
		if real != s.has(talent) {
			t.Errorf("%s: it is %v that the connector has it, and %v that it should", talent, real, s.has(talent))
		}
	}
}

func reads(t *testing.T, s Subject) {
	var paths []string
	for path := range s.Reads {
		paths = append(paths, path)
	}
	if s.List != "" {
		paths = append(paths, s.List)
	}
	read(t, s, paths...) // what is asked once, such as the fields of a type, is asked
	before := s.Calls()
	r := read(t, s, paths...)
	if calls := s.Calls() - before; calls != max(s.ReadCalls, 1) {
		t.Errorf("it took %d calls", calls)
	}
	for path, want := range s.Reads {
		if got := fmt.Sprint(at(r.Fields, path)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if list, _ := at(r.Fields, s.List).([]any); s.List != "" && len(list) < 2 {
		t.Errorf("%s has %d records", s.List, len(list))
	}
	if r.Ref != s.Record {
		t.Errorf("the record is %v", r.Ref)
	}
	if again := kept(t, r.Fields); !reflect.DeepEqual(again, r.Fields) {
		t.Errorf("a journey that keeps %v finds %v", r.Fields, again)
	}
}

// kept are fields as a journey keeps them: as JSON, with numbers as they were written.
func kept(t *testing.T, fields map[string]any) (again map[string]any) {
	t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&again); err != nil {
		t.Fatal(err)
	}
	return again
}

func unknownField(t *testing.T, s Subject) {
	_, err := s.Connector.Read(t.Context(), s.Record, []string{"Nobody_Has_This"})
	f := failure(t, s, err, connectors.Refused)
	if !strings.Contains(f.Words+strings.Join(f.Fields, " "), "Nobody_Has_This") {
		t.Errorf("it does not say which: %v", f)
	}
}

func gone(t *testing.T, s Subject) {
	_, err := s.Connector.Read(t.Context(), s.Gone, nil)
	failure(t, s, err, connectors.Gone)
	if w, ok := s.Connector.(connectors.Writer); ok {
		_, err := w.Write(t.Context(), s.Gone, map[string]any{s.Text: "x"}, "")
		failure(t, s, err, connectors.Gone)
	}
}

func tokenEnds(t *testing.T, s Subject) {
	read(t, s)
	s.Break(TokenEnds)
	read(t, s)
}

func signsInOnce(t *testing.T, s Subject) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := s.Connector.Read(t.Context(), s.Record, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := s.Logins(); n > 1 {
		t.Errorf("signed in %d times", n)
	}
}

func revoked(t *testing.T, s Subject) {
	read(t, s)
	s.Break(Revoked)
	_, err := s.Connector.Read(t.Context(), s.Record, nil)
	failure(t, s, err, connectors.Expired)
}

func throttled(t *testing.T, s Subject) {
	read(t, s)
	s.Break(Throttled)
	_, err := s.Connector.Read(t.Context(), s.Record, nil)
	want := cmp.Or(s.Wait, 7*time.Second)
	if f := failure(t, s, err, connectors.Throttled); f.Wait != want {
		t.Errorf("it waits %v, and was told %v", f.Wait, want)
	}
	read(t, s)
}

func passes(t *testing.T, s Subject) {
	read(t, s)
	for _, what := range []Break{Failing, Down, Strange} {
		s.Break(what)
		_, err := s.Connector.Read(t.Context(), s.Record, nil)
		failure(t, s, err, connectors.Busy)
		read(t, s)
	}
	s.Break(Away)
	_, err := s.Connector.Read(t.Context(), s.Record, nil)
	failure(t, s, err, connectors.Busy)
	s.Break(Mended)
	read(t, s)
	if w, ok := s.Connector.(connectors.Writer); ok {
		s.Break(Locked)
		_, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "x"}, "")
		failure(t, s, err, connectors.Busy)
	}
}

func hangs(t *testing.T, s Subject) {
	read(t, s)
	s.Break(Hanging)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Connector.Read(ctx, s.Record, nil)
	if err == nil || !errors.Is(err, context.DeadlineExceeded) || connectors.TroubleOf(err) != connectors.Busy {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

func writer(t *testing.T, s Subject) connectors.Writer {
	t.Helper()
	w, ok := s.Connector.(connectors.Writer)
	if !ok {
		t.Skip("it writes nothing")
	}
	return w
}

const difficult = `Söhne & "Töchter" <b> 'x' \ 日本 @{ref.id} ; =1+1`

func writes(t *testing.T, s Subject) {
	w := writer(t, s)
	r := read(t, s, s.Text)
	version, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: difficult}, r.Version)
	if err != nil {
		t.Fatal(err)
	}
	if again := read(t, s, s.Text); again.Fields[s.Text] != difficult || again.Version != version {
		t.Errorf("read back %q of version %q, wrote version %q", again.Fields[s.Text], again.Version, version)
	}
	if _, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: nil}, version); err != nil {
		t.Fatal(err)
	}
	if again := read(t, s, s.Text); again.Fields[s.Text] != nil && again.Fields[s.Text] != "" {
		t.Errorf("the field holds %q, and was emptied", again.Fields[s.Text])
	}
}

func conflict(t *testing.T, s Subject) {
	w := writer(t, s)
	r := read(t, s, s.Text)
	s.Touch(s.Text, "theirs")
	_, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "ours"}, r.Version)
	failure(t, s, err, connectors.Changed)
	if got := s.Value(s.Text); got != "theirs" {
		t.Errorf("the field holds %q", got)
	}
	if _, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "ours"}, read(t, s).Version); err != nil {
		t.Errorf("after reading again: %v", err)
	}
	s.Touch(s.Text, "theirs")
	if _, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "whatever"}, ""); err != nil {
		t.Errorf("without a version: %v", err)
	}
}

func readOnly(t *testing.T, s Subject) {
	w := writer(t, s)
	_, err := w.Write(t.Context(), s.Record, map[string]any{s.ReadOnly: "x", s.Text: "half"}, "")
	f := failure(t, s, err, connectors.Refused)
	if !strings.Contains(f.Words+strings.Join(f.Fields, " "), s.ReadOnly) {
		t.Errorf("it does not say which: %v", f)
	}
	if s.Value(s.Text) == "half" {
		t.Error("half of a write that was refused is there")
	}
}

func lostAnswer(t *testing.T, s Subject) {
	w := writer(t, s)
	s.Break(Lost)
	_, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "once"}, "")
	failure(t, s, err, connectors.Busy)
	if _, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "once"}, ""); err != nil || s.Value(s.Text) != "once" {
		t.Errorf("again: %v, the field holds %q", err, s.Value(s.Text))
	}
}

func aFile(key, content string) connectors.File {
	return connectors.File{Key: key, Name: `Contract "Ämter".pdf`, MediaType: "application/pdf", Size: int64(len(content)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}
}

func files(t *testing.T, s Subject) {
	f, ok := s.Connector.(connectors.Filer)
	if !ok {
		t.Skip("it files nothing")
	}
	before := s.Files()
	first, err := f.File(t.Context(), s.Record, aFile("env_1/signed", "%PDF signed"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := f.File(t.Context(), s.Record, aFile("env_1/signed", "%PDF signed"))
	if err != nil || again != first {
		t.Errorf("again it is %q and was %q: %v", again, first, err)
	}
	s.Break(Lost)
	if _, err := f.File(t.Context(), s.Record, aFile("env_1/trail", "%PDF trail")); err == nil {
		t.Error("the answer was lost, and nobody noticed")
	}
	if _, err := f.File(t.Context(), s.Record, aFile("env_1/trail", "%PDF trail")); err != nil {
		t.Errorf("after a lost answer: %v", err)
	}
	s.Break(TokenEnds)
	if _, err := f.File(t.Context(), s.Record, aFile("env_1/third", "%PDF third")); err != nil {
		t.Errorf("with a token that has ended: %v", err)
	}
	if n := s.Files() - before; n != 3 {
		t.Errorf("%d files hang on the record, and there are 3", n)
	}
	_, err = f.File(t.Context(), s.Gone, aFile("env_2/signed", "%PDF"))
	if err == nil || !connectors.TroubleOf(err).Lasting() {
		t.Errorf("on a record that is gone: %v", err)
	}
}

func finds(t *testing.T, s Subject) {
	f, ok := s.Connector.(connectors.Finder)
	if !ok {
		t.Skip("it finds nothing")
	}
	seen := map[string]bool{}
	cursor, pages := "", 0
	for {
		found, next, err := f.Find(t.Context(), s.Many, time.Unix(0, 0), cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, ref := range found {
			if seen[ref.ID] || ref.Type != s.Many {
				t.Errorf("%v was found twice, or is no %s", ref, s.Many)
			}
			seen[ref.ID] = true
		}
		if pages++; next == "" || pages > 1000 {
			break
		}
		cursor = next
	}
	if len(seen) != s.ManyOf || pages < 2 {
		t.Errorf("found %d of %d on %d pages", len(seen), s.ManyOf, pages)
	}
	if found, _, err := f.Find(t.Context(), s.Many, time.Now().AddDate(1, 0, 0), ""); err != nil || len(found) != 0 {
		t.Errorf("in a year it finds %d: %v", len(found), err)
	}
}

func describes(t *testing.T, s Subject) {
	d, ok := s.Connector.(connectors.Describer)
	if !ok {
		t.Skip("it describes nothing")
	}
	types, err := d.Types(t.Context())
	if err != nil || !strings.Contains(strings.Join(types, " "), s.Record.Type) {
		t.Errorf("types are %v: %v", types, err)
	}
	schema, err := d.Describe(t.Context(), s.Record.Type)
	if err != nil {
		t.Fatal(err)
	}
	if f, there := schema.Field(s.Text); !there || !f.Writable || f.Kind != connectors.Text {
		t.Errorf("%s is %+v", s.Text, f)
	}
	if f, there := schema.Field(s.ReadOnly); !there || f.Writable {
		t.Errorf("%s is %+v", s.ReadOnly, f)
	}
	if f, leads := schema.Leads(s.List); s.List != "" && (!leads || !f.Many || f.Refers == "") {
		t.Errorf("%s is %+v", s.List, f)
	}
	if _, err := d.Describe(t.Context(), "Nobody_Has_This"); err == nil || !connectors.TroubleOf(err).Lasting() {
		t.Errorf("a type that is not there: %v", err)
	}
}

func tests(t *testing.T, s Subject) {
	c, ok := s.Connector.(connectors.Tester)
	if !ok {
		t.Skip("it tests nothing")
	}
	if as, err := c.Test(t.Context()); err != nil || as == "" {
		t.Errorf("got %q, %v", as, err)
	}
	s.Break(Revoked)
	_, err := c.Test(t.Context())
	failure(t, s, err, connectors.Expired)
}
