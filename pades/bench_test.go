package pades_test

import (
	"bytes"
	"context"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
)

// BenchmarkVerify reads and hashes the whole file once, for all four signatures.
func BenchmarkVerify(b *testing.B) {
	d := newDesk(b)
	signed, err := d.signAll(b, d.withFiller(b, 5<<20), twoSigners(paper.Width, paper.Height), annSigns(), bobSigns())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if report, err := d.verify(signed); err != nil || report.Verdict != pades.Unchanged {
			b.Fatal(report.Verdict, err)
		}
	}
}

// BenchmarkCertify hashes the original once and places eight fields.
func BenchmarkCertify(b *testing.B) {
	d := newDesk(b)
	file := bytes.NewReader(d.withFiller(b, 5<<20))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := pades.Certify(context.Background(), file, file.Size(), twoSigners(paper.Width, paper.Height), holder(d.authority.Certifier()), d.now); err != nil {
			b.Fatal(err)
		}
	}
}

// withFiller is our document behind an update that adds filler bytes.
func (d desk) withFiller(t testing.TB, filler int) []byte {
	t.Helper()
	p := paper.New("Large", d.now)
	p.Paragraph("A document with much to carry.")
	file := p.Bytes()
	at := bytes.LastIndex(file, []byte("startxref"))
	tail := bytes.Clone(file[at:])
	return append(append(file[:at:at], bytes.Repeat([]byte("% filler\n"), filler/9)...), tail...)
}

// BenchmarkApprove shows that the size of the file does not matter.
func BenchmarkApprove(b *testing.B) {
	d := newDesk(b)
	for name, filler := range map[string]int{"20KB": 0, "5MB": 5 << 20} {
		b.Run(name, func(b *testing.B) {
			file := d.withFiller(b, filler)
			_, plan, err := pades.Certify(context.Background(), bytes.NewReader(file), int64(len(file)),
				twoSigners(paper.Width, paper.Height), holder(d.authority.Certifier()), d.now)
			if err != nil {
				b.Fatal(err)
			}
			act := bobSigns()
			holder := d.signer(b, act)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := pades.Approve(context.Background(), plan, act, holder, d.now); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
