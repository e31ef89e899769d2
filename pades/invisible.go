package pades

import "bytes"

// invisible looks at page content on its way past for "3 Tr", which sets text that
// is not drawn (ISO 32000-2, 9.3.6). A string with these words in it counts, too:
// it is only worth a note.
type invisible struct {
	found bool
	rest  []byte // the end of what was written last
}

func (i *invisible) Write(p []byte) (int, error) {
	if i.found {
		return len(p), nil
	}
	seam := append(i.rest, p[:min(len(p), len(mode))]...)
	i.found = sets(seam) || sets(p)
	i.rest = append([]byte(nil), p[max(0, len(p)-len(mode)):]...)
	return len(p), nil
}

var mode = []byte(" 3 Tr")

func sets(text []byte) bool {
	for {
		at := bytes.Index(text, mode[1:])
		if at < 0 {
			return false
		}
		before, after := at == 0 || bytes.IndexByte([]byte("\n\r\t ])>"), text[at-1]) >= 0, text[at+len(mode)-1:]
		if before && (len(after) == 0 || bytes.IndexByte([]byte("\n\r\t (<[/"), after[0]) >= 0) {
			return true
		}
		text = after
	}
}
