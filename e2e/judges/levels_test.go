package judges

import (
	"fmt"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/pki"
)

// kinds are files of every kind that an increment must follow.
var kinds = []string{
	"pdfbox-simple-openoffice.pdf", // a table
	"pdfjs-prefilled_f1040.pdf",    // a cross-reference stream, and a form of its own
	"pdfjs-rotation.pdf",           // turned pages
}

// Every level, with keys of each algorithm, on each kind of file, and renewed twice.
func TestEveryJudgeAcceptsEveryLevelAndAlgorithm(t *testing.T) {
	for _, algorithm := range []pki.Algorithm{pki.P256, pki.RSA2048, pki.RSA3072} {
		o := newOffice(t, algorithm)
		b := newBench(t, o)
		for _, name := range kinds {
			for _, level := range pades.Levels() {
				t.Run(fmt.Sprintf("%s %s %s", algorithm, level, name), func(t *testing.T) { b.level(t, o, name, level) })
			}
		}
	}
}

func (b *bench) level(t *testing.T, o *office, name string, level pades.Level) {
	path := filepath.Join(corpus, name)
	if _, err := filepath.Glob(path); err != nil {
		t.Fatal(err)
	}
	f := &fate{name: name}
	original, page, err := f.accept(t, path)
	must(t, err)
	d, err := o.sign(t.Context(), original, page, level)
	must(t, err)
	b.wantAccepted(t, d, 0)
	if level != pades.LevelLTA {
		return
	}
	for renewals := 1; renewals <= 2; renewals++ {
		must(t, d.prove(t.Context(), pades.Renew))
		b.wantAccepted(t, d, renewals)
	}
}

func (b *bench) wantAccepted(t *testing.T, d *document, renewals int) {
	t.Helper()
	tokens, stamps := 0, 0
	if d.plan.Level != pades.LevelB {
		tokens = signatures
	}
	if d.plan.Level == pades.LevelLTA {
		stamps = 1 + renewals
	}
	path, sealed := b.keep(t, "level.pdf", d.file), b.keep(t, "level-sealed.pdf", d.file[:d.sealed])
	answers, err := b.pdfbox([]string{path})
	must(t, err)
	if want := fmt.Sprintf("ok %d %d %d", signatures, tokens, stamps); answers[path] != want {
		t.Errorf("pdfbox: %s, want %s", answers[path], want)
	}
	for _, err := range []error{
		b.ours(d), b.poppler(path, signatures), b.mupdf(sealed, signatures), b.openssl(t, d.file, signatures, stamps), b.qpdf(path),
	} {
		if err != nil {
			t.Error(err)
		}
	}
}
