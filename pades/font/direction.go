package font

import (
	"slices"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/language"
)

// rightToLeft tells the direction of a paragraph by its first letter that has one
// (Unicode Annex 9, P2).
func rightToLeft(text []rune) bool {
	for _, r := range text {
		if s := language.LookupScript(r); s.Strong() {
			return leftward[s]
		}
	}
	return false
}

// leftward are the living scripts that are written from right to left.
var leftward = map[language.Script]bool{
	language.Arabic: true, language.Hebrew: true, language.Syriac: true, language.Thaana: true, language.Nko: true,
	language.Adlam: true, language.Hanifi_Rohingya: true, language.Samaritan: true, language.Mandaic: true,
}

// levels are the embedding levels of Unicode's bidirectional algorithm. The answer
// is to be asked for places that only rise.
func (t *setter) levels(text []rune, rtl bool) func(int) bidi.Level {
	base := bidi.LeftToRight
	if rtl {
		base = bidi.RightToLeft
	}
	runs, next := t.bidi.Segment(text, base), 0
	return func(at int) bidi.Level {
		for next < runs.NumRuns() && at >= runs.Run(next).End {
			next++
		}
		if next == runs.NumRuns() {
			return 0
		}
		return runs.Run(next).Level
	}
}

// reorder turns runs from the order of reading to that of the eye: from the
// highest level down, whatever is at least that high is reversed (Annex 9, L2).
func reorder(runs []run) {
	highest := bidi.Level(0)
	for _, r := range runs {
		highest = max(highest, r.level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && runs[j].level >= level {
				j++
			}
			slices.Reverse(runs[i:j])
			i = max(i, j-1)
		}
	}
}
