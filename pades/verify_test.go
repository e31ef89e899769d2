package pades_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
)

// twoPages is a document of our own for the tests that need no corpus.
func twoPages() []byte {
	p := paper.New("Services agreement", time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	p.Title("Services agreement")
	p.Paragraph(strings.Repeat("Both parties agree. ", 30))
	p.PageBreak()
	p.Paragraph("The second page.")
	return p.Bytes()
}

// agreement is that document, certified, signed by two and sealed.
func (d desk) agreement(t testing.TB) []byte {
	t.Helper()
	signed, err := d.signAll(t, twoPages(), twoSigners(paper.Width, paper.Height), annSigns(), bobSigns())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestACompleteDocumentIsAcceptedByAllJudges(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	if err := d.judges(t).accept(t, signed, 4, true); err != nil {
		t.Error(err)
	}
	report, err := d.verify(signed)
	if err != nil {
		t.Fatal(err)
	}
	said, _ := json.MarshalIndent(report, "", " ")
	if report.Verdict != pades.Unchanged {
		t.Errorf("%s", said)
	}
	var roles []pades.Role
	for _, s := range report.Signatures {
		roles = append(roles, s.Role)
	}
	if want := []pades.Role{pades.Certification, pades.Approval, pades.Approval, pades.Closing}; !slices.Equal(roles, want) {
		t.Errorf("roles are %v", roles)
	}
	ann := report.Signatures[1]
	if ann.Name != "Łukasz Żółć" || ann.Email != "ann@example.com" || ann.SerialNumber != "rcp-ann" || len(ann.Locks) != 6 {
		t.Errorf("%s", said)
	}
}

// MuPDF is the one packaged program here that judges what changed between
// signatures.
func TestMuPDFFindsOnlyAllowedChanges(t *testing.T) {
	mutool, err := exec.LookPath("mutool")
	if err != nil {
		t.Skip("skipped 1 case: mutool is not installed")
	}
	dir := t.TempDir()
	d := newDesk(t)
	script := `var d = new PDFDocument(scriptArgs[0]); print("history " + d.validateChangeHistory());`
	for name, data := range map[string][]byte{"signed.pdf": d.agreement(t), "ask.js": []byte(script)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(mutool, "run", filepath.Join(dir, "ask.js"), filepath.Join(dir, "signed.pdf")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "history 0") {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestAnyChangedByteIsNoticed(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	// The last container is the one part that no signature covers. What it says
	// of itself twice, such as the chain that we trust anyway, may differ.
	open, closed := bytes.LastIndex(signed, []byte("/Contents <")), bytes.LastIndex(signed, []byte(">\n>>\nendobj"))
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		at := random.IntN(len(signed))
		if at > open+len("/Contents <") && at < closed {
			continue
		}
		changed := bytes.Clone(signed)
		changed[at] ^= byte(1 + random.IntN(255))
		report, err := d.verify(changed)
		if err == nil && report.Verdict == pades.Unchanged {
			t.Errorf("byte %d from %q to %q goes unnoticed", at, signed[at], changed[at])
		}
	}
}

func TestWhatIsAddedAfterTheSealIsNoticed(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	for name, more := range map[string]string{"a space": " ", "a comment": "% hello\n", "an object": "99 0 obj\nnull\nendobj\n"} {
		report, err := d.verify(append(bytes.Clone(signed), more...))
		if err != nil || report.Verdict != pades.Changed {
			t.Errorf("%s: %s %v", name, report.Verdict, err)
		}
	}
}

func TestAnotherRootIsNotTrusted(t *testing.T) {
	d, other := newDesk(t), newDesk(t)
	report, err := other.verify(d.agreement(t))
	if err != nil || report.Verdict != pades.Broken || report.Signatures[0].Trust == pades.Trusted {
		t.Fatalf("%+v %v", report, err)
	}
}

func TestASignedDocumentCannotBeCertifiedAgain(t *testing.T) {
	d := newDesk(t)
	signed := d.agreement(t)
	ctx, r := context.Background(), bytes.NewReader(signed)
	if _, err := pades.Inspect(ctx, r, r.Size()); !problem.Has(err, "pdf_already_signed") {
		t.Errorf("inspect: %v", err)
	}
	_, _, err := pades.Certify(ctx, r, r.Size(), pades.Spec{}, holder(d.authority.Certifier()), d.now)
	if !problem.Has(err, "pdf_already_signed") {
		t.Errorf("certify: %v", err)
	}
}
