package judges

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// fate is what became of one file.
type fate struct {
	name   string
	how    string   // unchanged, normalised, refused
	reason string   // of a refusal, or what was taken out
	source string   // path of the file that was signed
	signed string   // path of the result
	sealed string   // path of the result up to its seal
	faults []string // what judges say against the result
}

const (
	signatures = 4 // certification, two people, the seal
	workers    = 2 // of a machine with two cores
)

func TestEveryJudgeAcceptsEveryFileOfTheCorpus(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(corpus, "*.pdf"))
	must(t, err)
	if len(paths) == 0 {
		t.Skipf("0 files of the corpus were judged: there is no %s", corpus)
	}
	o := newOffice(t, pki.P256)
	b := newBench(t, o)
	fates := each(paths, func(path string) *fate { return b.judge(t, o, path) })
	b.hear(t, fates)
	tell(t, fates)
}

// each does one thing with every path, two at a time.
func each(paths []string, do func(string) *fate) []*fate {
	fates := make([]*fate, len(paths))
	todo := make(chan int)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for i := range todo {
				fates[i] = do(paths[i])
			}
		})
	}
	for i := range paths {
		todo <- i
	}
	close(todo)
	working.Wait()
	return fates
}

// judge signs a file, unless it is refused, and asks those who look at one file at a time.
func (b *bench) judge(t *testing.T, o *office, path string) *fate {
	f := &fate{name: filepath.Base(path), source: path}
	original, page, err := f.accept(t, path)
	if err != nil {
		f.how, f.reason = "refused", reasonOf(err)
		return f
	}
	if f.how == "normalised" {
		f.source = b.keep(t, "source-"+f.name, original)
	}
	d, err := o.sign(t.Context(), original, page, pades.LevelLTA)
	if err != nil {
		f.fault(fmt.Errorf("sign: %w", err))
		return f
	}
	f.signed, f.sealed = b.keep(t, "signed-"+f.name, d.file), b.keep(t, "sealed-"+f.name, d.file[:d.sealed])
	f.fault(b.ours(d))
	f.fault(b.poppler(f.signed, signatures))
	f.fault(b.openssl(t, d.file, signatures, 1))
	f.fault(unless(b.mupdf(f.sealed, signatures), func() bool { return b.mupdfKnows(f.source) }))
	f.fault(unless(b.qpdf(f.signed), func() bool { return b.qpdf(f.source) == nil }))
	return f
}

// accept is what the hub does with an upload.
func (f *fate) accept(t *testing.T, path string) ([]byte, pades.PageSize, error) {
	file, err := os.ReadFile(path)
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

func (f *fate) fault(err error) {
	if err != nil {
		f.faults = append(f.faults, err.Error())
	}
}

// unless lets a fault stand only when the judge has nothing against the source.
func unless(fault error, fair func() bool) error {
	if fault != nil && fair() {
		return fault
	}
	return nil
}

// mupdfKnows tells whether MuPDF can read a file without repairing it; what it
// repairs is another file than the one that was signed.
func (b *bench) mupdfKnows(path string) bool {
	out, err := ask("mutool", "info", path)
	return err == nil && !strings.Contains(out, "repair") && !strings.Contains(out, "error")
}

func (b *bench) keep(t *testing.T, name string, data []byte) string {
	path := filepath.Join(b.folder, name)
	must(t, os.WriteFile(path, data, 0o644))
	return path
}

// hear asks the judge who is slow to start about all files at once; and about the
// sources of those that it cannot read.
func (b *bench) hear(t *testing.T, fates []*fate) {
	t.Helper()
	var paths []string
	for _, f := range fates {
		if f.signed != "" {
			paths = append(paths, f.signed)
		}
	}
	answers, err := b.pdfbox(paths)
	must(t, err)
	sources := map[string]*fate{}
	want := fmt.Sprintf("ok %d %d 1", signatures, signatures)
	for _, f := range fates {
		if f.signed != "" && answers[f.signed] != want {
			sources[f.source] = f
		}
	}
	if len(sources) == 0 {
		return
	}
	paths = paths[:0]
	for path := range sources {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	readable, err := b.pdfbox(paths)
	must(t, err)
	for _, path := range paths {
		f := sources[path]
		if strings.HasPrefix(readable[path], "ok") {
			f.fault(fmt.Errorf("pdfbox: %s", answers[f.signed]))
			continue
		}
		t.Logf("PDFBox cannot read %s even before it is signed: %s", f.name, readable[path])
	}
}

func tell(t *testing.T, fates []*fate) {
	t.Helper()
	count := map[string]int{}
	for _, f := range fates {
		count[f.how]++
		switch {
		case f.how == "refused" && f.reason == "":
			t.Errorf("%s was refused without a reason", f.name)
		case f.how == "refused":
			t.Logf("refused: %s (%s)", f.name, f.reason)
		case f.how == "normalised":
			t.Logf("normalised: %s (%s)", f.name, f.reason)
		}
		for _, fault := range f.faults {
			t.Errorf("%s: %s", f.name, fault)
		}
	}
	all := float64(len(fates)) / 100
	t.Logf("of %d files %d (%.0f %%) go through unchanged, %d (%.0f %%) normalised, %d (%.0f %%) are refused",
		len(fates), count["unchanged"], float64(count["unchanged"])/all, count["normalised"], float64(count["normalised"])/all,
		count["refused"], float64(count["refused"])/all)
}
