package font_test

import (
	"strings"
	"testing"

	"chancery/pades/font"
)

// BenchmarkLine shapes what stands under a signature.
func BenchmarkLine(b *testing.B) {
	for name, text := range map[string]string{"Latin": "Zoë Žižková", "Arabic": "محمد بن سلمان", "Japanese": "山田 太郎"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				font.Regular.Line(text)
			}
		})
	}
}

// BenchmarkWorstValue sets the longest value that a field takes, in the texts that
// are the hardest to set.
func BenchmarkWorstValue(b *testing.B) {
	const most = 10_000 // characters
	for name, part := range map[string]string{
		"letters": "a", "words": "word ", "Chinese": "山", "both directions": "aم1", "emoji": "\U0001F469\u200D\U0001F467", "marks": "e\u0301\u0323\u0308",
	} {
		text := strings.Repeat(part, most/len([]rune(part)))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, lines := font.Regular.Block(text).Fit(200, 60, 3, 11, 1.2)
				page(append(lines, font.Regular.Line(text))...)
			}
		})
	}
}
