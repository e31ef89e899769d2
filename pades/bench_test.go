package pades_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
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

// sizes are about those of a letter, a report and a book.
var sizes = []struct {
	name   string
	filler int // bytes
}{{"100KB", 80 << 10}, {"5MB", 5 << 20}, {"50MB", 50 << 20}}

// BenchmarkApprove shows that the size of the file does not matter, with an ECDSA
// key; at B-T a timestamp of an authority in the same process is a part of it.
func BenchmarkApprove(b *testing.B) {
	d := newDesk(b)
	for _, level := range []pades.Level{pades.LevelB, pades.LevelT} {
		for _, size := range sizes {
			b.Run(string(level)+"/"+size.name, func(b *testing.B) { d.approve(b, level, d.withFiller(b, size.filler)) })
		}
	}
}

// keepForRace leaves the certified file where tools/race-libpdf wants it.
func keepForRace(b *testing.B, file []byte) {
	b.Helper()
	folder := os.Getenv("CHANCERY_RACE")
	if folder == "" {
		return
	}
	name := strings.ReplaceAll(strings.TrimPrefix(b.Name(), "BenchmarkApprove/"), "/", "-") + ".pdf"
	if err := os.WriteFile(filepath.Join(folder, name), file, 0o644); err != nil {
		b.Fatal(err)
	}
}

func (d desk) approve(b *testing.B, level pades.Level, file []byte) {
	b.Helper()
	ctx, stamps := context.Background(), d.stamps(b)
	spec, certifier := twoSigners(paper.Width, paper.Height), holder(d.authority.Certifier())
	spec.Level, certifier.Timestamper = level, stamps
	more, plan, err := pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), spec, certifier, d.now)
	if err != nil {
		b.Fatal(err)
	}
	keepForRace(b, append(file, more...))
	act := bobSigns()
	signer := d.signer(b, act)
	signer.Timestamper = stamps
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := pades.Approve(ctx, plan, act, signer, d.now); err != nil {
			b.Fatal(err)
		}
	}
}
