package font

import (
	"strings"

	"github.com/go-text/typesetting/language"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// suits tells whether a font draws the characters that Chinese, Japanese and
// Korean share in the way of the region; other fonts suit all.
func (s *spine) suits(region string) bool {
	_, own, shared := strings.Cut(s.family, " CJK ")
	return region == "" || !shared || own == region
}

// region guesses whose characters these are: those of Japan, unless there are
// Korean letters, or characters that Japanese does not use.
func region(text []rune) string {
	var shared []rune
	for _, r := range text {
		switch language.LookupScript(r) {
		case language.Hangul:
			return "KR"
		case language.Hiragana, language.Katakana:
			return "JP"
		case language.Bopomofo:
			return "TC"
		case language.Han:
			shared = append(shared, r)
		}
	}
	for _, known := range []struct {
		set  encoding.Encoding
		name string
	}{{japanese.ShiftJIS, "JP"}, {simplifiedchinese.HZGB2312, "SC"}, {traditionalchinese.Big5, "TC"}} {
		if _, err := known.set.NewEncoder().String(string(shared)); err == nil {
			return known.name
		}
	}
	return "JP"
}
