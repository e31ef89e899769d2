package verify

import (
	"bytes"
	"fmt"

	"chancery/pades/pdf"
)

// readChain follows the sections from the last startxref of the file back to
// the oldest and sorts them into revisions.
func (f *file) readChain() error {
	start, err := f.lastStart()
	if err != nil {
		return err
	}
	var sections []*section // newest first
	seen := map[int64]bool{}
	for at := start; ; {
		if seen[at] || len(seen) >= maxSections {
			return damaged(fmt.Errorf("cross-reference sections at %d go in a circle or are too many", at))
		}
		seen[at] = true
		s, err := f.readSection(at)
		if err != nil {
			return err
		}
		s.asked, s.loose = at, !f.exactly(f.base+s.at, s.stream)
		sections = append(sections, s)
		prev := s.trailer["Prev"]
		if prev == nil {
			break
		}
		var ok bool
		if at, ok = number(prev); !ok {
			return damaged(fmt.Errorf("/Prev is %v", prev))
		}
	}
	return f.sortRevisions(sections)
}

// lastStart reads the number behind the last "startxref".
func (f *file) lastStart() (int64, error) {
	const tail = 2048
	end, err := f.window(max(0, f.size-tail), tail)
	if err != nil {
		return 0, err
	}
	at := bytes.LastIndex(end, []byte("startxref"))
	if at < 0 {
		return 0, damaged(fmt.Errorf("no startxref in the last %d bytes", tail))
	}
	l := pdf.NewLexer(end, true)
	l.Seek(at + len("startxref"))
	value, err := l.Object()
	start, ok := value.(int64)
	if err != nil || !ok {
		return 0, damaged(fmt.Errorf("startxref without a number"))
	}
	return start, nil
}

// readSection reads a table or a stream.
func (f *file) readSection(at int64) (*section, error) {
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	var word string
	var after int
	err := f.lex(f.base+at, func(l *pdf.Lexer) (err error) {
		word, err = l.Word()
		after = l.Pos()
		return err
	})
	if err != nil {
		return nil, err
	}
	if word != "xref" {
		s, err := f.readStreamSection(at)
		if err == nil || fatal(err) {
			return s, err
		}
		near, table := f.near(at)
		if near == at {
			return nil, err
		}
		if !table {
			return f.readStreamSection(near)
		}
		at, after = near, len("xref")
	}
	s, err := f.readTable(at, f.base+at+int64(after))
	if err != nil {
		return nil, err
	}
	return s, f.readHidden(s)
}

// exactly tells whether a section or an object, which begins with a number, stands
// at a place without white space before it.
func (f *file) exactly(at int64, number bool) bool {
	first, err := f.window(at, 1)
	return err == nil && (!number && first[0] == 'x' || number && first[0] >= '0' && first[0] <= '9')
}

// near looks for a section some bytes beside the place that startxref names: many
// writers miscount. In a revision after a signature that is never forgiven, since
// its end then names another section than the one that is read.
func (f *file) near(at int64) (place int64, table bool) {
	const reach = 16
	from := max(0, f.base+at-reach)
	around, err := f.window(from, 2*reach)
	if err != nil {
		return at, false
	}
	for i := 1; i < len(around); i++ {
		place := from + int64(i) - f.base
		if !isSpace(around[i-1]) || place == at {
			continue
		}
		if bytes.HasPrefix(around[i:], []byte("xref")) {
			return place, true
		}
		if c := around[i]; c >= '0' && c <= '9' {
			if o, err := f.objectAt(f.base + place); err == nil && isStream(o.value) {
				return place, false
			}
		}
	}
	return at, false
}

// readHidden takes the entries of the stream that a hybrid file has beside its
// table.
func (f *file) readHidden(s *section) error {
	o := s.trailer["XRefStm"]
	if o == nil {
		return nil
	}
	at, ok := number(o)
	if !ok {
		return damaged(fmt.Errorf("/XRefStm is %v", o))
	}
	hidden, err := f.readStreamSection(at)
	if err != nil {
		return err
	}
	s.hybrid, s.hidden = true, hidden.runs
	return nil
}

// count keeps the entries of all sections within their limit.
func (f *file) count(more int) error {
	if f.entries += more; f.entries > maxEntries {
		return tooComplex(fmt.Errorf("%d cross-reference entries", f.entries))
	}
	return nil
}
