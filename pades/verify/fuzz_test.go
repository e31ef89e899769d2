package verify_test

import (
	"bytes"
	"errors"
	"testing"

	"chancery/pades"
	"chancery/pades/verify"
	"chancery/problem"
)

// FuzzVerify changes a signed file anywhere: it is unchanged only as long as what
// its signatures cover is the same, byte for byte. The one part that no signature
// covers is the newest container itself; a document timestamp closes it off but for
// its own.
func FuzzVerify(f *testing.F) {
	o := newOffice(f)
	file := o.sent(f, rich(), pades.LevelLTA).annSigns().bobSigns().sealed().closed().file
	report, err := verdict(file, o.strict())
	if err != nil || report.Verdict != verify.Unchanged {
		f.Fatal(report.Verdict, err)
	}
	from, to := hole(f, file)
	f.Add(uint32(0), []byte{}, uint16(0))
	f.Add(uint32(len(file)), []byte("x"), uint16(0))
	f.Add(uint32(bytes.LastIndex(file, []byte("/Prev"))), []byte("/Prex"), uint16(5))
	f.Add(uint32(bytes.LastIndex(file, []byte("/ByteRange"))), []byte("/ByteRangf"), uint16(10))
	f.Add(uint32(100), []byte("1 0 obj"), uint16(7))
	f.Add(uint32(from+1), []byte("00"), uint16(2))
	f.Fuzz(func(t *testing.T, at uint32, put []byte, cut uint16) {
		start := min(int(at), len(file))
		end := min(start+int(cut), len(file))
		evil := append(append(bytes.Clone(file[:start]), put...), file[end:]...)
		if len(evil) == len(file) && bytes.Equal(evil[:from], file[:from]) && bytes.Equal(evil[to:], file[to:]) {
			return // only the newest container differs, or nothing
		}
		for _, options := range []verify.Options{o.strict(), o.tolerant()} {
			report, err := verdict(evil, options)
			var p *problem.Problem
			if err != nil && !errors.As(err, &p) {
				t.Errorf("an accident: %v", err)
			}
			if err == nil && report.Verdict == verify.Unchanged {
				t.Errorf("%d bytes at %d became %q, and the file is unchanged", end-start, start, put)
			}
		}
	})
}

// hole is where the newest container stands.
func hole(t testing.TB, file []byte) (from, to int) {
	t.Helper()
	g := newForger(t, file)
	n := numbers(lastRange(g), file)
	return n[1], n[2]
}

// FuzzReader gives the reader whole files, sections and object streams of any kind.
func FuzzReader(f *testing.F) {
	f.Add(rich())
	f.Add(compressed(f, rich()))
	f.Add(agreement())
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := verdict(data, verify.Options{})
		var p *problem.Problem
		if err != nil && !errors.As(err, &p) {
			t.Errorf("an accident: %v", err)
		}
	})
}

// FuzzUpdate appends any bytes to a signed file. Whatever they are, they are not
// called unchanged, and never hurt.
func FuzzUpdate(f *testing.F) {
	o := newOffice(f)
	file := o.sent(f, rich(), pades.LevelB).annSigns().file
	for _, change := range []attack{onContent["a content stream is overwritten"], onForm["a text field is added"], onStructure["an update has a second table"]} {
		f.Add(bytes.TrimPrefix(forge(f, file, change), file))
	}
	f.Fuzz(func(t *testing.T, more []byte) {
		if len(more) == 0 {
			return
		}
		report, err := verdict(append(bytes.Clone(file), more...), o.strict())
		var p *problem.Problem
		if err != nil && !errors.As(err, &p) {
			t.Errorf("an accident: %v", err)
		}
		if err == nil && report.Verdict == verify.Unchanged {
			t.Errorf("%q was appended, and the file is unchanged", more)
		}
	})
}
