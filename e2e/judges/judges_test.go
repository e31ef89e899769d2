package judges

import (
	"bytes"
	"context"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/cms"
)

// bench is a folder with all that the judges need.
type bench struct {
	folder string
	root   string // PEM
}

func newBench(t *testing.T, o *office) *bench {
	t.Helper()
	b := &bench{folder: t.TempDir()}
	b.root = filepath.Join(b.folder, "root.pem")
	o.writeRoot(t, b.root)
	run(t, "certutil", "-N", "-d", "sql:"+b.nss(), "--empty-password")
	run(t, "certutil", "-A", "-d", "sql:"+b.nss(), "-n", "root", "-t", "CT,C,C", "-i", b.root)
	run(t, "javac", "-nowarn", "-Xlint:none", "-cp", "/usr/share/java/*", "-d", b.folder, "testdata/Judge.java")
	return b
}

func (b *bench) nss() string { return b.folder }

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
	out, err := ask("pdfsig", "-nssdir", "sql:"+b.nss(), path)
	if err != nil {
		return err
	}
	valid, trusted := strings.Count(out, "Signature is Valid."), strings.Count(out, "Certificate is Trusted.")
	if valid != signatures || trusted != signatures {
		return fmt.Errorf("pdfsig: %d valid and %d trusted of %d", valid, trusted, signatures)
	}
	return nil
}

// mupdf wants every signature valid in the file up to the seal, with no change
// that they do not allow. It knows no document security stores.
func (b *bench) mupdf(sealed string, signatures int) error {
	out, err := ask("mutool", "sign", "-v", sealed)
	if err != nil {
		return err
	}
	if valid := strings.Count(out, "signature is valid") + strings.Count(out, "document is unchanged"); valid != signatures {
		return fmt.Errorf("mutool: %d valid of %d: %.500s", valid, signatures, out)
	}
	out, err = ask("mutool", "run", "testdata/history.js", sealed)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(strings.TrimSpace(out), "\tok 0") {
		return fmt.Errorf("mutool: the history of changes: %.300s", out)
	}
	return nil
}

// pdfbox judges many files in one process and answers by path.
func (b *bench) pdfbox(paths []string) (map[string]string, error) {
	args := append([]string{"-cp", b.folder + ":/usr/share/java/*", "Judge"}, paths...)
	out, err := exec.Command("java", args...).Output()
	answers := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, answer, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			answers[path] = answer
		}
	}
	return answers, err
}

// placeholder is a signature as our writer spells it.
var placeholder = regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\] *\n/Contents `)

// openssl checks every container and token with its own programs.
func (b *bench) openssl(t *testing.T, file []byte, signatures, stamps int) error {
	o := openssl{root: b.root, content: filepath.Join(t.TempDir(), "content"), container: filepath.Join(t.TempDir(), "container")}
	for _, at := range placeholder.FindAllSubmatchIndex(file, -1) {
		n := numbers(file, at)
		covered := append(bytes.Clone(file[:n[0]]), file[n[1]:n[1]+n[2]]...)
		der := unpadded(t, file[n[0]+1:n[1]-1])
		start := bytes.LastIndex(file[:at[0]], []byte(" obj"))
		if bytes.Contains(file[start:at[0]], []byte("/DocTimeStamp")) {
			stamps--
			if err := o.token(t, der, covered); err != nil {
				return err
			}
			continue
		}
		signatures--
		if err := o.signature(t, der, covered); err != nil {
			return err
		}
	}
	if signatures != 0 || stamps != 0 {
		return fmt.Errorf("openssl: %d signatures and %d timestamps were not found", signatures, stamps)
	}
	return nil
}

func numbers(file []byte, at []int) (n [3]int) {
	for i := range n {
		n[i], _ = strconv.Atoi(string(file[at[2*i+2]:at[2*i+3]]))
	}
	return n
}

// unpadded is the DER in a hexadecimal string, without the zeros behind it.
func unpadded(t *testing.T, digits []byte) []byte {
	t.Helper()
	padded, err := hex.DecodeString(string(digits))
	must(t, err)
	var whole asn1.RawValue
	_, err = asn1.Unmarshal(padded, &whole)
	must(t, err)
	return whole.FullBytes
}

type openssl struct{ root, content, container string }

func (o openssl) signature(t *testing.T, der, covered []byte) error {
	must(t, errors.Join(os.WriteFile(o.content, covered, 0o644), os.WriteFile(o.container, der, 0o644)))
	if _, err := ask("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", o.container,
		"-content", o.content, "-CAfile", o.root, "-purpose", "any", "-out", os.DevNull); err != nil {
		return err
	}
	c, err := cms.Parse(der)
	if err != nil {
		return err
	}
	for _, token := range c.Timestamps {
		if err := o.token(t, token, c.Value); err != nil {
			return err
		}
	}
	return nil
}

func (o openssl) token(t *testing.T, der, covered []byte) error {
	must(t, errors.Join(os.WriteFile(o.content, covered, 0o644), os.WriteFile(o.container, der, 0o644)))
	_, err := ask("openssl", "ts", "-verify", "-data", o.content, "-in", o.container, "-token_in", "-CAfile", o.root)
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
	if err := pades.SecondOpinion(ctx, bytes.NewReader(d.file), size, report); err != nil && !errors.Is(err, pades.ErrNoOpinion) {
		return fmt.Errorf("pdfsign: %w", err)
	}
	return nil
}

// qpdf wants a file without errors; what it says of the source counts for the source.
func (b *bench) qpdf(path string) error {
	_, err := ask("qpdf", "--check", path)
	return err
}
