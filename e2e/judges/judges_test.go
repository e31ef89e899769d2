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

// ask runs a judge and returns its words and its complaints; a judge that dies has
// no say.
func ask(name string, args ...string) (words, complaints string, err error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%s: %w: %.300s", name, err, out.String()+complaint.String())
	}
	return out.String(), complaint.String(), err
}

// poppler wants every signature valid and its certificate trusted. It knows no
// document timestamps before version 23. It asks the authority for OCSP.
func (b *bench) poppler(path string, signatures int) error {
	out, _, err := ask("pdfsig", "-nssdir", b.nss, path)
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
	out, _, err := ask("mutool", "sign", "-v", sealed)
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
	out, _, err = ask("mutool", "run", "testdata/history.js", sealed)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(strings.TrimSpace(out), "\tok 0") {
		return fmt.Errorf("the history of changes: %.300s", out)
	}
	return nil
}

// mupdfRepairs tells what MuPDF has to mend in a file, or that it cannot read it;
// what it mends is another file than the one that was signed.
func (b *bench) mupdfRepairs(path string) error {
	_, complaints, err := ask("mutool", "show", path, "trailer")
	for line := range strings.Lines(complaints) {
		if strings.HasPrefix(line, "error:") || strings.Contains(line, "repair") {
			return errors.New(strings.TrimSpace(line))
		}
	}
	return err
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

// qpdf wants a file without errors and warnings.
func (b *bench) qpdf(path string) error {
	out, complaints, err := ask("qpdf", "--check", path)
	if err != nil {
		return errors.New(strings.ReplaceAll(out+complaints, path, "file"))
	}
	return nil
}

// qpdfSays tells what qpdf has against a source, when it has nothing else against
// what became of it.
func (b *bench) qpdfSays(fault error, source string) error {
	before := b.qpdf(source)
	if before == nil {
		return nil
	}
	known := before.Error()
	for line := range strings.Lines(fault.Error()) {
		if strings.HasPrefix(line, "WARNING: ") && !strings.Contains(known, strings.TrimSpace(line)) {
			return nil
		}
	}
	return before
}

// sameTraits wants what pdfinfo says of a file to be said of it still: whether it
// is tagged, how many pages it has, and how large and how turned they are.
func sameTraits(source, signed string) error {
	before, _, err := ask("pdfinfo", source)
	if err != nil {
		return err
	}
	after, _, err := ask("pdfinfo", signed)
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
