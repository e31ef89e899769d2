package judges

import (
	"bytes"
	"errors"
	"fmt"
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
	how    string   // unchanged, normalised, refused
	reason string   // of a refusal, or what was taken out
	source string   // path of the file that was signed
	spared []spared // judges whose fault was not held against the result
}

// spared is a judge who has the same against the source, or cannot read it.
type spared struct{ judge, why string }

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
	want(t, b.poppler(signed, signatures))
	want(t, b.openssl(t, d.file, signatures, 1))
	want(t, sameTraits(f.source, signed))
	f.unless(t, "pdfsign", b.ours(d), func(fault error) error { return onlyIf(pades.ErrNoOpinion, fault) })
	f.unless(t, "MuPDF", b.mupdf(sealed, signatures), func(error) error { return b.mupdfRepairs(f.source) })
	f.unless(t, "qpdf", b.qpdf(signed), func(fault error) error { return b.qpdfSays(fault, f.source) })
	f.unless(t, "PDFBox", b.pdfbox(signed, signatures, signatures, 1), func(error) error { return b.pdfboxOpens(f.source) })
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

// unless lets a fault stand, but for an excuse that lies in the source.
func (f *fate) unless(t *testing.T, judge string, fault error, excuse func(fault error) error) {
	t.Helper()
	if fault == nil {
		return
	}
	if why := excuse(fault); why != nil {
		f.spared = append(f.spared, spared{judge, fmt.Sprintf("%.200s", why)})
		return
	}
	t.Errorf("%s: %v", judge, fault)
}

func onlyIf(target, fault error) error {
	if errors.Is(fault, target) {
		return fault
	}
	return nil
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
// file at which a judge was spared.
func tell(t *testing.T, fates []*fate) {
	t.Helper()
	count, excused := map[string]int{}, map[string]int{}
	for _, f := range fates {
		count[f.how]++
		switch {
		case f.how == "refused" && f.reason == "":
			t.Errorf("%s was refused without a reason", f.name)
		case f.reason != "":
			t.Logf("%s: %s (%s)", f.how, f.name, f.reason)
		}
		for _, s := range f.spared {
			excused[s.judge]++
			t.Logf("%s cannot judge %s: %s", s.judge, f.name, s.why)
		}
	}
	all := float64(len(fates)) / 100
	t.Logf("of %d files %d (%.0f %%) go through unchanged, %d (%.0f %%) normalised, %d (%.0f %%) are refused",
		len(fates), count["unchanged"], float64(count["unchanged"])/all, count["normalised"], float64(count["normalised"])/all,
		count["refused"], float64(count["refused"])/all)
	t.Logf("judges could not judge, because of what they say of the source: %v", excused)
	for judge, n := range excused {
		if n > mostSpared {
			t.Errorf("%s was spared %d files, more than %d", judge, n, mostSpared)
		}
	}
}

// mostSpared is how many files of the corpus one judge may be unable to judge.
const mostSpared = 12
