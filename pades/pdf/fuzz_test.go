package pdf

import (
	"bytes"
	"errors"
	"fmt"
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

// FuzzLexer: an object survives being written, and a window that ends too early
// gives the same object or none.
func FuzzLexer(f *testing.F) {
	for _, s := range []string{"<</A#20b[1 -2.5 (a\\(b\\051) <4142> 3 0 R null true]>>", "(\\r\\n\\7)", "[/ /#00]", "+.5", "<4>", "<</A[1 2 R (x\\\n) <41>]>> endobj"} {
		f.Add([]byte(s), len(s)/2)
	}
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		first, err := (&lexer{buf: data, last: true}).object()
		if err == nil {
			wantSurvival(t, data, first)
		}
		if cut < 0 || cut > len(data) {
			return
		}
		part, errPart := (&lexer{buf: data[:cut]}).object()
		if errPart == nil && (err != nil || !bytes.Equal(Append(nil, first), Append(nil, part))) {
			t.Fatalf("%q cut at %d reads as %v, whole as %v (%v)", data, cut, part, first, err)
		}
	})
}

func wantSurvival(t *testing.T, data []byte, first Object) {
	t.Helper()
	written := Append(nil, first)
	l := &lexer{buf: written, last: true}
	second, err := l.object()
	if err != nil || l.pos != len(written) {
		t.Fatalf("%q was written as %q: %v", data, written, err)
	}
	if again := Append(nil, second); !bytes.Equal(again, written) {
		t.Fatalf("%q became %q", written, again)
	}
}

// FuzzObjectStream: whatever an object stream holds, its objects are read or
// refused.
func FuzzObjectStream(f *testing.F) {
	f.Add([]byte("4 0 5 9 <</A 1>> [4 0 R]"), int64(2), int64(8))
	f.Add([]byte("4 0 4 0 5 99 null"), int64(3), int64(13))
	f.Fuzz(func(t *testing.T, data []byte, count, first int64) {
		file := &File{cache: map[int]Object{}, objStms: map[int]*objectStream{}, reading: map[int]bool{}}
		stm, err := file.openObjectStream(&Stream{Dict: Dict{"N": count, "First": first}, Data: append([]byte{}, data...)})
		if err != nil {
			refusal(t, err)
			return
		}
		file.objStms[1] = stm
		for num := range stm.starts {
			if _, err := file.fromObjectStream(1, num); err != nil {
				refusal(t, err)
			}
		}
	})
}

// FuzzXref: whatever a table says, by itself or as a stream, looking things up in
// it ends in an entry or a refusal.
func FuzzXref(f *testing.F) {
	f.Add([]byte("0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Size 2/Prev 0>>"), false)
	f.Add([]byte("0 1\n0 65535 f\n3 2\n15 0 n\n17 1 n\ntrailer<</XRefStm 3>>"), false)
	f.Add([]byte("<</Type/XRef/W[1 2 1]/Index[0 2]/Size 2/Root 1 0 R/Length 8>>\nstream\n\x00\x00\x00\x00\x01\x00\x09\x00\nendstream"), true)
	f.Fuzz(func(t *testing.T, data []byte, stream bool) {
		head := "%PDF-1.7\nxref\n"
		if stream {
			head = "%PDF-1.7\n9 0 obj\n"
		}
		text := fmt.Appendf([]byte(head), "%s\nstartxref\n9\n%%%%EOF\n", data)
		file, err := Open(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			refusal(t, err)
			return
		}
		_, _ = file.Fragmented(), file.Revisions()
		for num := range min(file.NextObject(), 100) {
			if _, err := file.Load(Ref{Num: num}); err != nil {
				refusal(t, err)
			}
		}
	})
}
