package pades_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
)

// qpdf writes the same document in the forms that files have in life.
func TestOurDocumentIsSignedInEveryFormAFileCanHave(t *testing.T) {
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("skipped 5 cases: qpdf is not installed")
	}
	d := newDesk(t)
	j := d.judges(t)
	plain := filepath.Join(t.TempDir(), "plain.pdf")
	if err := os.WriteFile(plain, twoPages(), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"object streams":                   {"--object-streams=generate"},
		"linearised":                       {"--linearize"},
		"linearised with object streams":   {"--linearize", "--object-streams=generate"},
		"an old version":                   {"--force-version=1.2", "--object-streams=disable"},
		"made for people to read and edit": {"--qdf"},
	} {
		path := filepath.Join(t.TempDir(), "form.pdf")
		if out, err := exec.Command(qpdf, append(args, plain, path)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := d.signAll(t, file, twoSigners(paper.Width, paper.Height), annSigns(), bobSigns())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := j.accept(t, signed, 4, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if report, err := d.verify(signed); err != nil || report.Verdict != pades.Unchanged {
			t.Errorf("%s: %+v %v", name, report, err)
		}
	}
}
