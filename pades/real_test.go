package pades_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

// judges are the validators of other people that are installed here.
type judges struct {
	nss      string // a certificate store of NSS that trusts our root; empty without pdfsig
	qpdf     bool
	judged   int
	mu       sync.Mutex
	deadline time.Duration
}

func (d desk) judges(t testing.TB) *judges {
	t.Helper()
	j := &judges{deadline: 60 * time.Second}
	_, err := exec.LookPath("qpdf")
	j.qpdf = err == nil
	for _, tool := range []string{"pdfsig", "certutil"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("%s is not installed: signatures are judged without it", tool)
			return j
		}
	}
	dir := t.TempDir()
	root := filepath.Join(dir, "root.der")
	if err := os.WriteFile(root, d.roots()[0].Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	j.nss = "sql:" + dir
	for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-n", "root", "-t", "CT,C,C", "-i", root}} {
		if out, err := exec.Command("certutil", append([]string{"-d", j.nss}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v: %s", err, out)
		}
	}
	return j
}

// accept asks all of them whether file has so many valid signatures, and qpdf
// whether a clean file is still one.
func (j *judges) accept(t testing.TB, file []byte, signatures int, clean bool) error {
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), j.deadline)
	defer cancel()
	if j.nss != "" {
		out, _ := exec.CommandContext(ctx, "pdfsig", "-nssdir", j.nss, path).CombinedOutput()
		valid := strings.Count(string(out), "Signature is Valid.")
		trusted := strings.Count(string(out), "Certificate is Trusted.")
		if valid != signatures || trusted != signatures {
			return fmt.Errorf("pdfsig finds %d valid and %d trusted signatures:\n%s", valid, trusted, out)
		}
	}
	if j.qpdf && clean {
		if out, err := exec.CommandContext(ctx, "qpdf", "--check", path).CombinedOutput(); err != nil {
			return fmt.Errorf("qpdf: %w: %s", err, out)
		}
	}
	j.mu.Lock()
	j.judged++
	j.mu.Unlock()
	return nil
}

// clean tells whether qpdf has nothing to say against a file before we touch it.
func (j *judges) clean(path string) bool {
	return !j.qpdf || exec.Command("qpdf", "--check", path).Run() == nil
}

func TestRealFilesAreSignedOrRefused(t *testing.T) {
	dir := corpus(t, "real", 175)
	d := newDesk(t)
	j := d.judges(t)
	refused := map[string][]string{}
	const mute = "read by no second implementation"
	var mu sync.Mutex
	t.Run("files", func(t *testing.T) {
		for _, path := range pdfsIn(t, dir) {
			t.Run(filepath.Base(path), func(t *testing.T) {
				t.Parallel()
				var p *problem.Problem
				err := d.signFile(t, path, j)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case errors.As(err, &p):
					refused[p.Code] = append(refused[p.Code], filepath.Base(path))
				case errors.Is(err, pades.ErrNoOpinion):
					refused[mute] = append(refused[mute], filepath.Base(path))
				case err != nil:
					t.Error(err)
				}
			})
		}
	})
	t.Logf("signed and judged %d files", j.judged)
	for code, files := range refused {
		t.Logf("%d files are %s: %v", len(files), code, files)
	}
	if j.judged < 155 || len(refused[mute]) > 1 {
		t.Errorf("only %d files could be signed, and %d are %s", j.judged, len(refused[mute]), mute)
	}
}

func (d desk) signFile(t *testing.T, path string, j *judges) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	ctx, size := context.Background(), int64(len(data))
	found, err := pades.Inspect(ctx, bytes.NewReader(data), size)
	if found.Severity() == pades.Normalised {
		data, _, err = pades.Clean(ctx, bytes.NewReader(data), size)
	}
	if err != nil {
		return err
	}
	signed, err := d.signAll(t, data, twoSigners(found.Pages[0].Width, found.Pages[0].Height), annSigns(), bobSigns())
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(signed, data) {
		return errors.New("the original is no longer the beginning of the file")
	}
	report, err := d.verify(signed)
	if err != nil || report.Verdict != pades.Unchanged || len(report.Signatures) != 4 {
		return fmt.Errorf("our own verdict: %+v %v", report, err)
	}
	if err := j.accept(t, signed, 4, j.clean(path)); err != nil { // qpdf may have complained before we came
		return err
	}
	return pades.SecondOpinion(context.Background(), bytes.NewReader(signed), int64(len(signed)), report)
}

func (d desk) verify(file []byte) (pades.Report, error) {
	options := pades.VerifyOptions{Roots: d.roots(), Now: d.now.Add(2 * time.Hour), Strict: true}
	return pades.Verify(context.Background(), bytes.NewReader(file), int64(len(file)), options)
}
