package verify_test

import (
	"bytes"
	"fmt"
	"testing"

	"chancery/pades"
	"chancery/pades/verify"
)

// withFiller is a document behind so many bytes that no object needs.
func withFiller(original []byte, filler int) []byte {
	at := bytes.LastIndex(original, []byte("startxref"))
	tail := bytes.Clone(original[at:])
	return append(append(original[:at:at], bytes.Repeat([]byte("% filler\n"), filler/9)...), tail...)
}

// BenchmarkVerify judges a complete document of level B-LTA: five signatures, six
// revisions. Most of the time of a large file is hashing it, once.
func BenchmarkVerify(b *testing.B) {
	o := newOffice(b)
	for name, filler := range map[string]int{"100KB": 0, "5MB": 5 << 20, "50MB": 50 << 20} {
		b.Run(name, func(b *testing.B) {
			file := o.sent(b, withFiller(agreement(), filler), pades.LevelLTA).annSigns().bobSigns().sealed().closed().file
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if report, err := verdict(file, o.strict()); err != nil || report.Verdict != verify.Unchanged {
					b.Fatal(report.Verdict, err)
				}
			}
		})
	}
}

// BenchmarkManySigners shows that the work grows with the number of signatures,
// not with its square: the hub asks after every one of them.
func BenchmarkManySigners(b *testing.B) {
	o := newOffice(b)
	for _, signers := range []int{10, 50, 100} {
		b.Run(fmt.Sprint(signers), func(b *testing.B) {
			file := o.crowd(b, signers)
			b.ReportAllocs()
			for b.Loop() {
				if report, err := verdict(file, o.strict()); err != nil || report.Verdict != verify.Unchanged {
					b.Fatal(report.Verdict, err)
				}
			}
		})
	}
}
