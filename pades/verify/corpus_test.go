package verify_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/pades/verify"
)

// corpus is the folder of PDFs that others made. It is no part of the tree, so
// tests that need it skip, and say how many cases that costs.
func corpus(t testing.TB, name string, cases int) string {
	t.Helper()
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("skipped %d cases: no corpus at %s", cases, path)
	}
	return path
}

func judged(t testing.TB, path string, options verify.Options) (verify.Report, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), options)
}

// opinion is what somebody thinks of a file, in the classes that can be compared.
type opinion string

const (
	good     opinion = "good"     // unchanged, or permitted changes
	changed  opinion = "changed"  // a change that is not permitted
	broken   opinion = "broken"   // a signature does not hold
	unsigned opinion = "unsigned" // no signature
	refused  opinion = "refused"  // cannot be read
)

func ours(report verify.Report, err error) opinion {
	switch {
	case err != nil:
		return refused
	case report.Verdict == verify.Unchanged || report.Verdict == verify.Permitted:
		return good
	}
	return opinion(report.Verdict)
}

// theirs puts together what pyHanko and pdfsig said. Where pyHanko gave up,
// pdfsig decides about the cryptography.
func theirs(pyhanko, pdfsig string) opinion {
	switch {
	case strings.Contains(pyhanko, "unreadable="):
		return refused
	case pyhanko == "none":
		return unsigned
	case strings.Contains(pyhanko, "intact=False") || strings.Contains(pyhanko, "crypto=False"):
		return broken
	case strings.Contains(pyhanko, "changes=OTHER") || strings.Contains(pyhanko, "SUSPICIOUS") || strings.Contains(pyhanko, "docmdp=False"):
		return changed
	case strings.Contains(pyhanko, "error=PdfReadError") || strings.Contains(pyhanko, "error=PdfStreamError"):
		return changed // what it cannot read in an update it does not accept
	case strings.Contains(pyhanko, "error=") && !strings.Contains(pdfsig, "is Valid"):
		return broken
	}
	return good
}

// TestOurVerdictsAgreeWithThoseOfOthers compares with the recorded verdicts. A
// disagreement must be listed with its reason, and one that is listed must still
// be one.
func TestOurVerdictsAgreeWithThoseOfOthers(t *testing.T) {
	list := lines(t, corpus(t, "verdicts.tsv", 154))[1:]
	reasons := map[string][]string{}
	for _, line := range lines(t, "testdata/disagreements.tsv")[1:] {
		columns := strings.Split(line, "\t")
		reasons[columns[0]] = columns[1:]
	}
	agreed := 0
	for _, line := range list {
		columns := strings.Split(line, "\t")
		name := columns[0]
		report, err := judged(t, corpus(t, filepath.Join("signed", name), 1), verify.Options{})
		us, them := ours(report, err), theirs(columns[2], columns[3])
		if them == refused && us != good { // who cannot read a file says nothing else about it
			them = us
		}
		listed, isListed := reasons[name]
		delete(reasons, name)
		switch {
		case us == them && isListed:
			t.Errorf("%s: both say %s, but a disagreement is listed", name, us)
		case us == them:
			agreed++
		case !isListed:
			t.Errorf("%s: we say %s (%v), others say %s", name, us, err, them)
		case len(listed) != 3 || listed[0] != string(us) || listed[1] != string(them):
			t.Errorf("%s: we say %s and others %s, listed is %v", name, us, them, listed)
		}
	}
	for name := range reasons {
		t.Errorf("%s is listed and does not exist", name)
	}
	t.Logf("%d files: %d verdicts agree, %d disagreements are explained", len(list), agreed, len(list)-agreed)
}

func lines(t testing.TB, path string) []string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []string
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		if line := scanner.Text(); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// TestNoAttackPasses: what was manipulated on purpose is never called good.
func TestNoAttackPasses(t *testing.T) {
	caught := 0
	for _, pattern := range []string{"signed/shadow-*manipulated*.pdf", "signed/certattack-0[34]_*.pdf", "attacked/a*.pdf"} {
		files, err := filepath.Glob(corpus(t, pattern[:strings.Index(pattern, "/")], 18) + pattern[strings.Index(pattern, "/"):])
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range files {
			for _, strict := range []bool{false, true} {
				report, err := judged(t, path, verify.Options{Strict: strict})
				if says := ours(report, err); !slices.Contains([]opinion{changed, broken, refused}, says) {
					t.Errorf("%s, strict %t: %s", filepath.Base(path), strict, says)
				}
			}
			caught++
		}
	}
	t.Logf("%d attacked files, none called unchanged or permitted", caught)
}

func TestHonestFilesPass(t *testing.T) {
	for _, pattern := range []string{"signed/shadow-*-signed.pdf", "signed/certattack-0[12]_*.pdf", "attacked/b1*.pdf"} {
		files, err := filepath.Glob(corpus(t, pattern[:strings.Index(pattern, "/")], 9) + pattern[strings.Index(pattern, "/"):])
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, path := range files {
			if report, err := judged(t, path, verify.Options{}); ours(report, err) != good {
				t.Errorf("%s: %s %v %+v", filepath.Base(path), report.Verdict, err, report.Signatures)
			}
		}
	}
}
