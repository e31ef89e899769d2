package judges

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"chancery/jail"
	"chancery/pades"
	"chancery/pki"
	"chancery/problem"
)

func TestMain(m *testing.M) {
	jail.Main()
	os.Exit(m.Run())
}

// corpus is where PDFs lie that nobody here made.
const corpus = "../../../shared/corpus/real"

// signatures is how many every file gets: certification, two people, the seal.
const signatures = 4

// fate is what became of one file.
type fate struct {
	name   string
	how    string // unchanged, normalised, refused
	reason string // of a refusal, or what was taken out
	source string // path of the file that was signed
	known  error  // what qpdf has against the source
}

func TestEveryJudgeAcceptsEveryFileOfTheCorpus(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus, "*.pdf"))
	must(t, err)
	if len(paths) == 0 {
		t.Skipf("0 files of the corpus were judged: there is no %s", corpus)
	}
	o := newOffice(t, pki.P256)
	b := newBench(t, o, startClerk(t))
	fates := make([]*fate, len(paths))
	t.Run("files", func(t *testing.T) {
		for i, path := range paths {
			f := &fate{name: filepath.Base(path), source: path}
			fates[i] = f
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				b.judge(t, o, f)
			})
		}
	})
	tell(t, fates)
}

// judge signs a file, unless it is refused, and lets everybody look at it.
func (b *bench) judge(t *testing.T, o *office, f *fate) {
	dir := t.TempDir()
	original, page, err := f.accept(t)
	if err != nil {
		f.how, f.reason = "refused", reasonOf(err)
		return
	}
	if f.how == "normalised" {
		f.source = keep(t, dir, "source.pdf", original)
	}
	d, err := o.sign(t.Context(), original, page, pades.LevelLTA)
	must(t, err)
	signed, sealed := keep(t, dir, "signed.pdf", d.file), keep(t, dir, "sealed.pdf", d.file[:d.sealed])
	want(t, b.ours(d))
	want(t, b.poppler(signed, signatures))
	want(t, b.mupdf(sealed, signatures))
	want(t, b.pdfbox(signed, signatures, signatures, 1))
	want(t, b.openssl(t, d.file, signatures, 1))
	want(t, sameTraits(f.source, signed))
	if fault := b.qpdf(signed); fault != nil {
		if f.known = b.qpdf(f.source); f.known == nil || !allIn(fault, f.known) {
			t.Errorf("qpdf: %v", fault)
		}
	}
}

// accept is what the hub does with an upload.
func (f *fate) accept(t *testing.T) ([]byte, pades.PageSize, error) {
	file, err := os.ReadFile(f.source)
	must(t, err)
	result, err := jail.Normalise(t.Context(), bytes.NewReader(file), int64(len(file)), "")
	if err != nil {
		return nil, pades.PageSize{}, err
	}
	if f.how = "unchanged"; result.File != nil {
		f.how, file = "normalised", result.File
		f.reason = result.Found.Problem().Error()
	}
	return file, result.Kept.Pages[0], nil
}

func reasonOf(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func want(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func keep(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	must(t, os.WriteFile(path, data, 0o644))
	return path
}

// tell prints the share of each fate, every refusal with its reason, and every
// file that qpdf found fault with before.
func tell(t *testing.T, fates []*fate) {
	t.Helper()
	count, known := map[string]int{}, 0
	for _, f := range fates {
		count[f.how]++
		switch {
		case f.how == "refused" && f.reason == "":
			t.Errorf("%s was refused without a reason", f.name)
		case f.reason != "":
			t.Logf("%s: %s (%s)", f.how, f.name, f.reason)
		}
		if f.known != nil {
			known++
			t.Logf("qpdf says of %s, and said before: %.300s", f.name, f.known)
		}
	}
	all := float64(len(fates)) / 100
	t.Logf("of %d files %d (%.0f %%) go through unchanged, %d (%.0f %%) normalised, %d (%.0f %%) are refused",
		len(fates), count["unchanged"], float64(count["unchanged"])/all, count["normalised"], float64(count["normalised"])/all,
		count["refused"], float64(count["refused"])/all)
	t.Logf("the judges accept %d files without exception, and %d about which qpdf warns as it did before", len(fates)-count["refused"]-known, known)
	if known > mostKnown {
		t.Errorf("qpdf warns about %d files, more than %d", known, mostKnown)
	}
}

// mostKnown is how many files of the corpus qpdf may warn about before and after.
const mostKnown = 2
