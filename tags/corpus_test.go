package tags

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"chancery/jail"
	"chancery/pades/erase"
	"chancery/pages"
	"chancery/problem"
)

// real are PDFs that others made. They are no part of the tree.
func real(t *testing.T) []string {
	t.Helper()
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../shared/corpus"
	}
	files, _ := filepath.Glob(filepath.Join(dir, "real", "*.pdf"))
	if len(files) == 0 {
		t.Skip("skipped 175 cases: no corpus")
	}
	return files
}

// A word of the first page of every real file is erased as if it were a tag, whatever its
// font and its program: then it is gone, and all other letters are where they were.
func TestAnyWordOfARealFileCanBeTakenOff(t *testing.T) {
	f := finder(t)
	outcomes := map[string][]string{}
	for _, path := range real(t) {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		outcome := takeOff(t, f, file)
		outcomes[outcome] = append(outcomes[outcome], filepath.Base(path))
	}
	for outcome, names := range outcomes {
		t.Logf("%3d %s: %v", len(names), outcome, names[:min(len(names), 12)])
	}
	if gone, stuck := len(outcomes["gone"]), len(outcomes["stuck"]); gone < 9*stuck || len(outcomes["spoilt"]) > 0 {
		t.Errorf("%d are gone, %d stuck, %d spoilt", gone, stuck, len(outcomes["spoilt"]))
	}
}

func takeOff(t *testing.T, f Finder, file []byte) string {
	t.Helper()
	result, err := jail.Normalise(t.Context(), bytes.NewReader(file), int64(len(file)), "")
	if err != nil {
		return "refused as an upload"
	}
	if result.File != nil {
		file = result.File
	}
	before := first(t, f, file)
	if before == nil {
		return "unreadable"
	}
	word := longest(before)
	if len(word) < 3 {
		return "without a word"
	}
	var marks []erase.Mark
	for _, l := range word {
		marks = append(marks, erase.Mark{X: l.X, Y: l.Y})
	}
	cleaned, _, err := jail.Erase(t.Context(), bytes.NewReader(file), int64(len(file)), marks)
	if problem.Has(err, "tag_stuck") {
		return "stuck"
	}
	if err != nil {
		t.Logf("%v", err)
		return "refused"
	}
	after := first(t, f, cleaned)
	left := func(l pages.Letter) bool {
		return !slices.ContainsFunc(word, func(w pages.Letter) bool { return w.X == l.X && w.Y == l.Y })
	}
	if said(before, left) != said(after, left) || strings.Contains(said(after, func(l pages.Letter) bool { return !left(l) }), string(word[0].Rune)+string(word[1].Rune)+string(word[2].Rune)) {
		return "spoilt"
	}
	return "gone"
}

// first are the letters of the first page, nil when it cannot be read.
func first(t *testing.T, f Finder, file []byte) []pages.Letter {
	t.Helper()
	read := 0
	all, err := f.Pages.Letters(t.Context(), file, pages.Wanted{
		Page: func(string) bool { read++; return read == 1 },
		Of:   func(letters []pages.Letter) [][2]int { return [][2]int{{0, len(letters)}} },
	})
	if err != nil && !errors.As(err, new(*problem.Problem)) && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return all[1].Letters
}

// longest is the longest run of letters, as long as a tag at most.
func longest(letters []pages.Letter) []pages.Letter {
	var best []pages.Letter
	from := 0
	for i := range len(letters) + 1 {
		if i < len(letters) && !letters[i].Made && !unicode.IsSpace(letters[i].Rune) && letters[i].Rune != 0 && i-from < 30 {
			continue
		}
		if i-from > len(best) {
			best = letters[from:i]
		}
		from = i + 1
	}
	return best
}

// said are the letters that count, sorted by their place: readers put text in order
// by what stands beside it.
func said(letters []pages.Letter, counts func(pages.Letter) bool) string {
	var all []string
	for _, l := range letters {
		if !l.Made && !unicode.IsSpace(l.Rune) && counts(l) {
			all = append(all, string(l.Rune))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}
