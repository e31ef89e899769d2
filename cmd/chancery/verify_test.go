package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades"
)

// judgedBy runs verify on a file of the corpus and gives what it prints, and its
// exit code.
func judgedBy(t *testing.T, c verify) (string, int) {
	t.Helper()
	if _, err := os.Stat(c.File); err != nil {
		t.Skipf("skipped 1 case: no corpus at %s", c.File)
	}
	file, err := os.Open(c.File)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	roots, err := readRoots(c.Trust)
	if err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	report, err := pades.Verify(context.Background(), file, info.Size(), pades.VerifyOptions{Roots: roots, Strict: c.Strict})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := c.print(&out, report); err != nil {
		t.Fatal(err)
	}
	err = verdictExit(report)
	var e exit
	if err != nil && !errors.As(err, &e) {
		t.Fatal(err)
	}
	return out.String(), e.code
}

func corpusFile(name string) string {
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	return filepath.Join(dir, name)
}

func TestTheAnswerSaysWhoSignedAndWhatWasChanged(t *testing.T) {
	said, code := judgedBy(t, verify{File: corpusFile("attacked/a3_page_content.pdf"), Trust: corpusFile("attacked/ca.pem")})
	for _, want := range []string{
		"changed: The document was changed", "1. certification by Hub Organisation Seal", "2. approval by Alice Signer",
		"trusted: Alice Signer (ECDSA) → Spike Root CA", "locks s1_name, s1_agree", "NOT PERMITTED: Page 1 shows other content than before.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in\n%s", want, said)
		}
	}
	if code != exitChanged {
		t.Errorf("exit code %d", code)
	}
}

func TestTheExitCodeIsTheVerdict(t *testing.T) {
	for file, want := range map[string]int{
		"signed/dss-validation-pades-bes.pdf":        0,
		"attacked/b1_permitted_sign_unlocked.pdf":    exitPermitted,
		"attacked/a6_clear_signature.pdf":            exitChanged,
		"signed/certattack-minimal_cert_invalid.pdf": exitBroken,
		"signed/certattack-document.pdf":             exitUnsigned,
	} {
		if said, code := judgedBy(t, verify{File: corpusFile(file)}); code != want {
			t.Errorf("%s: exit code %d instead of %d:\n%s", file, code, want, said)
		}
	}
}

func TestTheReportIsJSON(t *testing.T) {
	said, _ := judgedBy(t, verify{File: corpusFile("attacked/a1_locked_field_value.pdf"), JSON: true})
	var report pades.Report
	if err := json.Unmarshal([]byte(said), &report); err != nil {
		t.Fatal(err)
	}
	if report.Verdict != pades.Changed || len(report.Signatures) != 3 || report.SHA256 == "" || len(report.Revisions) != 5 || !report.Certified {
		t.Errorf("%+v", report)
	}
}
