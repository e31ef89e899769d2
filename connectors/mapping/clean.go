package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes harmless text of what a system sent: one line without control
// characters and without the marks by which text runs the other way than it is
// read (Unicode TR 36, 3.2), cut to so many characters.
func clean(text string, most int) string {
	var out strings.Builder
	count := 0
	for _, r := range strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD") {
		if count == most {
			break
		}
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			r = ' '
		case unicode.IsControl(r) || turns(r):
			continue
		}
		out.WriteRune(r)
		count++
	}
	return strings.TrimSpace(out.String())
}

// cleanLines is clean for text of several lines.
func cleanLines(text string, most int) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		lines = append(lines, clean(line, most))
	}
	return cut(strings.TrimSpace(strings.Join(lines, "\n")), most)
}

// turns tells whether r overrides or isolates the direction of text.
func turns(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\uFEFF'
}

func cut(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}
