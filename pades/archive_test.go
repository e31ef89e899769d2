package pades_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades"
	"chancery/pades/pdf"
)

// archival is a file of PDF/A-1b with one empty page.
func archival() []byte {
	const metadata = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`
	b := []byte("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	put := func(o pdf.Object) {
		at = append(at, len(b))
		b = pdf.AppendIndirect(b, pdf.Ref{Num: len(at)}, o)
	}
	put(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": pdf.Ref{Num: 2}, "Metadata": pdf.Ref{Num: 4}})
	put(pdf.Dict{"Type": pdf.Name("Pages"), "Count": 1, "Kids": pdf.Array{pdf.Ref{Num: 3}}})
	put(pdf.Dict{"Type": pdf.Name("Page"), "Parent": pdf.Ref{Num: 2}, "MediaBox": pdf.Array{0, 0, 595, 842}, "Resources": pdf.Dict{}})
	put(&pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Data: []byte(metadata)})
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 5\n0000000000 65535 f \n")
	for _, offset := range at {
		b = fmt.Appendf(b, "%010d 00000 n \n", offset)
	}
	return fmt.Appendf(b, "trailer\n<</Size 5/Root 1 0 R/ID[<0123456789abcdef><0123456789abcdef>]>>\nstartxref\n%d\n%%%%EOF\n", start)
}

// preflight asks PDFBox's judge of PDF/A-1b.
func preflight(t *testing.T, file []byte) string {
	t.Helper()
	var jars []string
	for _, name := range []string{"preflight", "xmpbox", "pdfbox2", "fontbox2", "commons-logging", "commons-io", "javax.activation", "jaxb-api"} {
		jars = append(jars, "/usr/share/java/"+name+".jar")
	}
	java, err := exec.LookPath("java")
	if _, missing := os.Stat(jars[0]); err != nil || missing != nil {
		t.Skip("skipped 2 cases: java or libpdfbox2-java is not installed")
	}
	path := filepath.Join(t.TempDir(), "archival.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(java, "-cp", strings.Join(jars, ":"), "org.apache.pdfbox.preflight.Validator_A1b", path).CombinedOutput()
	return string(out)
}

func TestAnArchivalDocumentStaysOne(t *testing.T) {
	if out := preflight(t, archival()); !strings.Contains(out, "is a valid PDF/A-1b file") {
		t.Fatalf("the original: %s", out)
	}
	strokes := [][]pades.Point{{{X: .1, Y: .5}, {X: .9, Y: .5}}}
	for name, ink := range map[string]pades.Ink{"drawn": {Strokes: strokes}, "typed": {Typed: "Zoë Žižková"}} {
		signed := signedBy(t, newDesk(t), archival(), 1, "محمد بن سلمان", ink)
		if out := preflight(t, signed); !strings.Contains(out, "is a valid PDF/A-1b file") {
			t.Errorf("%s: %s", name, out)
		}
	}
}
