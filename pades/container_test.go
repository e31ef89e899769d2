package pades_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"chancery/pades"
)

// The hole of the newest signature is the one part of a file that no digest covers.
// Whatever is changed in it is noticed all the same.
func TestNothingInTheHoleOfTheNewestSignatureCanBeChangedUnseen(t *testing.T) {
	for _, level := range []pades.Level{pades.LevelB, pades.LevelT, pades.LevelLTA} {
		p, err := proven(t, twoPages(), level)
		if err != nil {
			t.Fatal(err)
		}
		options := pades.VerifyOptions{Roots: p.roots(), Now: time.Now().Add(time.Minute), Strict: true}
		start := bytes.LastIndex(p.file, []byte("/Contents <")) + len("/Contents <")
		end := start + bytes.IndexByte(p.file[start:], '>')
		tried := 0
		for at := start; at < end; at += 23 { // a prime, so that all kinds of places are met
			before := p.file[at]
			p.file[at] = "1032547698badcfe"[value(before)] // another digit, in small letters as ours
			report, err := pades.Verify(context.Background(), bytes.NewReader(p.file), int64(len(p.file)), options)
			if err != nil || report.Verdict == pades.Unchanged {
				t.Errorf("%s: %q became %q at %d of %d, and the verdict is %s (%v)", level, before, p.file[at], at-start, end-start, report.Verdict, err)
			}
			p.file[at] = before
			if tried++; tried == 260 { // the rest is padding, and the same all over
				break
			}
		}
	}
}

func value(digit byte) byte {
	if digit >= 'a' {
		return digit - 'a' + 10
	}
	if digit >= 'A' {
		return digit - 'A' + 10
	}
	return digit - '0'
}
