package verify_test

import (
	"fmt"
	"testing"

	"chancery/pades"
	"chancery/pades/pdf"
	"chancery/pades/verify"
)

// heavy is a page with a picture of so many bytes.
func heavy(bytes int) []byte {
	return written([]pdf.Object{
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(2)},
		pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(3)}, "Count": 1},
		pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "MediaBox": pdf.Array{0, 0, 595, 842},
			"Resources": pdf.Dict{"XObject": pdf.Dict{"Im": ref(4)}}},
		&pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image")}, Data: make([]byte, bytes)},
	}, nil)
}

// BenchmarkVerify judges a complete document of level B-LTA: five signatures, six
// revisions. Most of the time of a large file is hashing it, once.
func BenchmarkVerify(b *testing.B) {
	o := newOffice(b)
	for name, size := range map[string]int{"100KB": 50 << 10, "5MB": 5 << 20, "50MB": 50 << 20} {
		b.Run(name, func(b *testing.B) {
			file := o.sent(b, heavy(size), pades.LevelLTA).annSigns().bobSigns().sealed().closed().file
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

// BenchmarkManyObjects has to look for dangling references in a large original.
func BenchmarkManyObjects(b *testing.B) {
	o := newOffice(b)
	file := o.sent(b, crowded(80_000), pades.LevelB).annSigns().file
	b.ReportAllocs()
	for b.Loop() {
		if report, err := verdict(file, o.strict()); err != nil || report.Verdict != verify.Unchanged {
			b.Fatal(report.Verdict, err)
		}
	}
}
