package verify

import (
	"strings"
	"time"
	"unicode/utf16"

	"chancery/pades/pdf"
)

// date reads a PDF date (ISO 32000-2, 7.9.4); one that is none is the zero time.
func date(s string) time.Time {
	s = strings.NewReplacer("D:", "", "'", "").Replace(s)
	for _, layout := range []string{"20060102150405Z0700", "20060102150405", "20060102150405Z0000", "200601021504Z0700", "20060102"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// text reads a text string: UTF-16 or UTF-8 by its mark, else as Latin-1, which
// PDFDocEncoding is for the letters of Western languages.
func text(s pdf.String) string {
	switch {
	case len(s) >= 2 && s[0] == 0xFE && s[1] == 0xFF:
		units := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(units))
	case len(s) >= 3 && string(s[:3]) == "\xEF\xBB\xBF":
		return strings.ToValidUTF8(string(s[3:]), "")
	}
	runes := make([]rune, len(s))
	for i, b := range s {
		runes[i] = rune(b)
	}
	return string(runes)
}
