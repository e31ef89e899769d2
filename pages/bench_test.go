package pages_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/pages"
)

// fullPage has 50 lines of print.
func fullPage() []byte {
	lines := strings.Repeat("(The supplier delivers the services described in annex 1 with due care and skill, and) Tj 0 -14 Td ", 50)
	return paper(0, "BT /F 10 Tf 72 770 Td "+lines+" ET")
}

func BenchmarkRender(b *testing.B) {
	raw := fullPage()
	for _, width := range pages.Widths {
		b.Run(fmt.Sprint(width), func(b *testing.B) {
			p := newPages(b, pages.Config{Remember: 1})
			size := 0
			for i := 0; b.Loop(); i++ {
				picture, err := p.Render(b.Context(), file(fmt.Sprint(i), raw), 1, width)
				if err != nil {
					b.Fatal(err)
				}
				size = len(picture.Bytes)
			}
			b.ReportMetric(float64(size), "bytes/picture")
		})
	}
}

func BenchmarkText(b *testing.B) {
	p := newPages(b, pages.Config{Remember: 1})
	raw := fullPage()
	for i := 0; b.Loop(); i++ {
		if _, err := p.Text(b.Context(), file(fmt.Sprint(i), raw), 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart is what the first reader after a rest waits for.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		p := newPages(b, pages.Config{Idle: time.Hour})
		if err := p.Warm(); err != nil {
			b.Fatal(err)
		}
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
