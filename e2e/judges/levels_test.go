package judges

import (
	"fmt"
	"os"
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

// Every level on each kind of file; RSA, which changes the container alone, on one;
// the highest level renewed twice.
func TestEveryJudgeAcceptsEveryLevelAndAlgorithm(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("0 levels were judged: there is no %s", corpus)
	}
	c := startClerk(t)
	t.Run("files", func(t *testing.T) {
		for _, set := range []struct {
			algorithm pki.Algorithm
			levels    []pades.Level
			kinds     []string
		}{
			{pki.P256, pades.Levels(), kinds},
			{pki.RSA2048, pades.Levels(), kinds[:1]},
			{pki.RSA3072, []pades.Level{pades.LevelLTA}, kinds[:1]},
		} {
			o := newOffice(t, set.algorithm)
			b := newBench(t, o, c)
			for _, name := range set.kinds {
				for _, level := range set.levels {
					t.Run(fmt.Sprintf("%s %s %s", set.algorithm, level, name), func(t *testing.T) {
						t.Parallel()
						b.level(t, o, name, level)
					})
				}
			}
		}
	})
}

func (b *bench) level(t *testing.T, o *office, name string, level pades.Level) {
	f := &fate{name: name, source: filepath.Join(corpus, name)}
	original, page, err := f.accept(t)
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
	dir := t.TempDir()
	path, sealed := keep(t, dir, "level.pdf", d.file), keep(t, dir, "sealed.pdf", d.file[:d.sealed])
	want(t, b.pdfbox(path, signatures, tokens, stamps))
	want(t, b.ours(d))
	want(t, b.poppler(path, signatures))
	want(t, b.mupdf(sealed, signatures))
	want(t, b.openssl(t, d.file, signatures, stamps))
	want(t, b.qpdf(path))
}
