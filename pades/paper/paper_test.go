package paper_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func agreement() (*paper.Document, []paper.Place) {
	d := paper.New("Services agreement", noon)
	d.Footnote("Services agreement between Example Ltd and Łódzka Spółka")
	d.Title("Services agreement")
	d.Rows(paper.Row{"Client", "Łódzka Spółka z o.o., Łódź"}, paper.Row{"Provider", "Example Ltd (London)"})
	var places []paper.Place
	for i := range 12 {
		d.Heading(fmt.Sprintf("%d. Clause", i+1))
		d.Paragraph(strings.Repeat("The provider performs the services with the care of a prudent business person. ", 9))
	}
	places = append(places, d.Tick("I have read the terms and agree to them."), d.Blank("Date", 120))
	places = append(places, d.SignatureLine("For the client"), d.SignatureLine("For the provider"))
	return d, places
}

func evidence(events int) *paper.Document {
	d := paper.New("Audit trail", noon)
	d.Title("Audit trail")
	var rows [][]string
	for i := range events {
		rows = append(rows, []string{
			noon.Add(time.Duration(i) * time.Minute).Format(time.RFC3339), "signed",
			"Ελένη <eleni@example.gr>, from 2001:db8::" + strings.Repeat("ab:", 30) + "1 with a browser that says much about itself",
			strings.Repeat("0123456789abcdef", 4),
		})
	}
	d.Table([]paper.Column{{"When (UTC)", 20}, {"What", 10}, {"Who and where", 40}, {"Digest", 30}}, rows)
	return d
}

func TestWhatWeWriteIsAcceptedByOthersAndByUs(t *testing.T) {
	contract, places := agreement()
	for name, file := range map[string][]byte{
		"agreement": contract.Bytes(), "evidence": evidence(60).Bytes(), "empty": paper.New("", noon).Bytes(),
	} {
		found, err := pades.Inspect(context.Background(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d pages, %d bytes", name, len(found.Pages), len(file))
		if name == "agreement" && places[len(places)-1].Page != len(found.Pages)-1 {
			t.Errorf("the last signature line is on page %d of %d", places[len(places)-1].Page, len(found.Pages))
		}
		checkWithQpdf(t, name, file)
	}
}

func checkWithQpdf(t *testing.T, name string, file []byte) {
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Logf("skipped 1 case: qpdf is not installed")
		return
	}
	path := filepath.Join(t.TempDir(), name+".pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil {
		t.Errorf("%s: %v: %s", name, err, out)
	}
}

func TestEveryPlaceLiesOnItsPage(t *testing.T) {
	_, places := agreement()
	for i, p := range places {
		if p.X < 0 || p.Y < 0 || p.X+p.Width > paper.Width || p.Y+p.Height > paper.Height {
			t.Errorf("place %d is %+v", i, p)
		}
	}
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	if !bytes.Equal(evidence(5).Bytes(), evidence(5).Bytes()) {
		t.Fatal("two runs differ")
	}
}

func TestARowLongerThanAPageLosesNoText(t *testing.T) {
	short, long := evidence(0), paper.New("", noon)
	long.Table([]paper.Column{{"One", 1}}, [][]string{{strings.Repeat("word ", 3000)}})
	count := func(d *paper.Document) int {
		file := d.Bytes()
		found, err := pades.Inspect(context.Background(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		return len(found.Pages)
	}
	if count(short) != 1 || count(long) < 3 {
		t.Fatalf("%d and %d pages", count(short), count(long))
	}
}
