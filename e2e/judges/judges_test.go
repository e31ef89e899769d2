package judges

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pades"
)

// bench is all that the judges need for the files of one office.
type bench struct {
	nss   string // folder of poppler's certificates
	root  string // PEM
	clerk *clerk
}

func newBench(t *testing.T, o *office, c *clerk) *bench {
	t.Helper()
	b := &bench{nss: "sql:" + t.TempDir(), root: filepath.Join(t.TempDir(), "root.pem"), clerk: c}
	o.writeRoot(t, b.root)
	run(t, "certutil", "-N", "-d", b.nss, "--empty-password")
	run(t, "certutil", "-A", "-d", b.nss, "-n", "root", "-t", "CT,C,C", "-i", b.root)
	return b
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// patience is how long one judge may take over one file; MuPDF loops over some.
const patience = time.Minute

// ask runs a judge and returns its words; a judge that dies has none.
func ask(name string, args ...string) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w: %.300s", name, err, out)
	}
	return string(out), nil
}

// poppler wants every signature valid and its certificate trusted. It knows no
// document timestamps before version 23. It asks the authority for OCSP.
func (b *bench) poppler(path string, signatures int) error {
	out, err := ask("pdfsig", "-nssdir", b.nss, path)
	if err != nil {
		return err
	}
	return eachOf(out, "Signature #", signatures, []string{"Signature Type: unknown", "Signature Type: ETSI.RFC3161"}, func(part string) bool {
		return strings.Contains(part, "Signature is Valid.") && strings.Contains(part, "Certificate is Trusted.")
	})
}

// eachOf wants as many parts, each behind a heading, as there are signatures, and
// every one of them good, but for those that hold one of the words to skip.
func eachOf(out, heading string, signatures int, skip []string, good func(part string) bool) error {
	found := 0
	for _, part := range strings.Split(out, heading)[1:] {
		switch {
		case holdsOne(part, skip):
		case !good(part):
			return fmt.Errorf("a signature is not accepted: %.500s", part)
		default:
			found++
		}
	}
	if found != signatures {
		return fmt.Errorf("%d signatures instead of %d: %.500s", found, signatures, out)
	}
	return nil
}

func holdsOne(part string, words []string) bool {
	for _, w := range words {
		if strings.Contains(part, w) {
			return true
		}
	}
	return false
}

// mupdf wants every signature valid in the file up to the seal, with no change
// that they do not allow. It knows no document security stores. The place of the
// timestamp is still empty there.
func (b *bench) mupdf(sealed string, signatures int) error {
	out, err := ask("mutool", "sign", "-v", sealed)
	if err != nil {
		return err
	}
	newest := 0
	if err := eachOf(out, "Verifying signature ", signatures, []string{"Signature is not signed."}, func(part string) bool {
		if strings.Contains(part, "The document is unchanged since signing.") {
			newest++
			return true
		}
		return strings.Contains(part, "The signature is valid but there have been edits since signing.")
	}); err != nil {
		return err
	}
	if newest != 1 {
		return fmt.Errorf("%d signatures cover the whole file: %.500s", newest, out)
	}
	out, err = ask("mutool", "run", "testdata/history.js", sealed)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(strings.TrimSpace(out), "\tok 0") {
		return fmt.Errorf("the history of changes: %.300s", out)
	}
	return nil
}

// ours wants the verdict of pades itself, and of pdfsign.
func (b *bench) ours(d *document) error {
	ctx, size := context.Background(), int64(len(d.file))
	report, err := pades.Verify(ctx, bytes.NewReader(d.file), size, pades.VerifyOptions{Roots: d.authority.Roots(), Now: time.Now().Add(time.Minute), Strict: true})
	if err != nil {
		return err
	}
	want := pades.Unchanged
	if d.plan.Reached() == pades.LevelLT {
		want = pades.Permitted // the evidence follows the last signature
	}
	if report.Verdict != want || report.Level != d.plan.Reached() {
		return fmt.Errorf("pades: %s at level %q, not %s at %s: %s", report.Verdict, report.Level, want, d.plan.Reached(), report.Sentence)
	}
	return pades.SecondOpinion(ctx, bytes.NewReader(d.file), size, report)
}

// qpdf wants a file without errors and warnings; its warnings are the error.
func (b *bench) qpdf(path string) error {
	out, err := ask("qpdf", "--check", path)
	if err == nil {
		return nil
	}
	var warnings []string
	for line := range strings.Lines(strings.ReplaceAll(out, path, "file")) {
		if strings.HasPrefix(line, "WARNING: ") {
			warnings = append(warnings, strings.TrimSpace(line))
		}
	}
	if len(warnings) == 0 {
		return err
	}
	return errors.New(strings.Join(warnings, "\n"))
}

// allIn tells whether every line of one error is in another.
func allIn(fault, known error) bool {
	for line := range strings.Lines(fault.Error()) {
		if !strings.Contains(known.Error(), strings.TrimSpace(line)) {
			return false
		}
	}
	return true
}

// sameTraits wants what pdfinfo says of a file to be said of it still: whether it
// is tagged, how many pages it has, and how large and how turned they are.
func sameTraits(source, signed string) error {
	before, err := ask("pdfinfo", source)
	if err != nil {
		return err
	}
	after, err := ask("pdfinfo", signed)
	if err != nil {
		return err
	}
	for _, trait := range []string{"Tagged:", "Pages:", "Page size:", "Page rot:", "UserProperties:", "Suspects:"} {
		if was, is := line(before, trait), line(after, trait); was != is {
			return fmt.Errorf("pdfinfo says %q where it said %q", is, was)
		}
	}
	return nil
}

func line(out, start string) string {
	for l := range strings.Lines(out) {
		if strings.HasPrefix(l, start) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}
