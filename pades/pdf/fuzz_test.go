package pdf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"chancery/problem"
)

// seeds are small files in every form of cross-reference there is.
func seeds(f *testing.F) {
	f.Add([]byte("%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n" +
		"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n" +
		"0000000056 00000 n \n0000000107 00000 n \ntrailer\n<</Root 1 0 R/Size 4>>\nstartxref\n170\n%%EOF\n"))
	dir := os.Getenv("CHANCERY_CORPUS")
	if dir == "" {
		dir = "../../../shared/corpus"
	}
	for _, folder := range []string{"hostile", "signed"} {
		files, _ := filepath.Glob(filepath.Join(dir, folder, "*.pdf"))
		for _, path := range files {
			if data, err := os.ReadFile(path); err == nil && len(data) < 20_000 {
				f.Add(data)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			refusal(t, err)
			return
		}
		pages, err := file.Pages()
		if err != nil {
			refusal(t, err)
		}
		if len(pages) > MaxPages {
			t.Fatalf("%d pages", len(pages))
		}
		for num := range min(file.NextObject(), 200) {
			if _, err := file.Load(Ref{Num: num}); err != nil {
				refusal(t, err)
			}
		}
	})
}

// refusal: whatever a file does, the answer is a problem that its sender can
// read, never an accident of ours.
func refusal(t *testing.T, err error) {
	t.Helper()
	var p *problem.Problem
	if !errors.As(err, &p) {
		t.Fatalf("an accident instead of a refusal: %v", err)
	}
}

func FuzzObjectsSurviveBeingWritten(f *testing.F) {
	for _, s := range []string{"<</A#20b[1 -2.5 (a\\(b\\051) <4142> 3 0 R null true]>>", "(\\r\\n\\7)", "[/ /#00]", "+.5", "<4>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := (&lexer{buf: data, last: true}).object()
		if err != nil {
			return
		}
		written := Append(nil, first)
		l := &lexer{buf: written, last: true}
		second, err := l.object()
		if err != nil || l.pos != len(written) {
			t.Fatalf("%q was written as %q: %v", data, written, err)
		}
		if again := Append(nil, second); !bytes.Equal(again, written) {
			t.Fatalf("%q became %q", written, again)
		}
	})
}

func FuzzAShortWindowGivesTheSameObject(f *testing.F) {
	f.Add([]byte("<</A[1 2 R (x\\\n) <41>]>> endobj"), 7)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut < 0 || cut > len(data) {
			return
		}
		whole, errWhole := (&lexer{buf: data, last: true}).object()
		part, errPart := (&lexer{buf: data[:cut]}).object()
		if errPart == nil && (errWhole != nil || !bytes.Equal(Append(nil, whole), Append(nil, part))) {
			t.Fatalf("%q cut at %d reads as %v, whole as %v (%v)", data, cut, part, whole, errWhole)
		}
	})
}
