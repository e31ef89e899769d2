package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// readTable reads the subsections and the trailer of the section at at. pos is
// absolute, behind the word "xref".
func (f *file) readTable(at, pos int64) (*section, error) {
	s := &section{at: at}
	for {
		head, err := f.tableHead(pos)
		if err != nil {
			return nil, err
		}
		if head.trailer != nil {
			s.trailer, s.end = head.trailer, head.end
			return s, nil
		}
		if s.runs = append(s.runs, run{start: head.start}); len(s.runs) > maxEntries/100 {
			return nil, tooComplex(fmt.Errorf("%d cross-reference subsections", len(s.runs)))
		}
		last := &s.runs[len(s.runs)-1]
		if last.entries, pos, err = f.tableEntries(head.end, head.count); err != nil {
			return nil, err
		}
		last.fromOne()
	}
}

// fromOne mends the mistake of writers that call the entry of object 0, which
// heads the list of free objects, that of object 1.
func (r *run) fromOne() {
	if r.start == 1 && len(r.entries) > 0 && r.entries[0].kind == free && r.entries[0].gen == 65535 {
		r.start = 0
	}
}

// tableHead is "start count" of a subsection, or the trailer.
type tableHead struct {
	start, count int
	trailer      pdf.Dict
	end          int64 // absolute
}

func (f *file) tableHead(pos int64) (head tableHead, err error) {
	err = f.lex(pos, func(l *pdf.Lexer) error {
		word, err := l.Word()
		if err != nil {
			return err
		}
		if word == "trailer" {
			o, err := l.Object()
			d, ok := o.(pdf.Dict)
			if err == nil && !ok {
				err = fmt.Errorf("the trailer is no dictionary")
			}
			head.trailer, head.end = d, pos+int64(l.Pos())
			return err
		}
		count, err := l.Word()
		if err != nil {
			return err
		}
		start, ok1 := digits(word)
		n, ok2 := digits(count)
		if !ok1 || !ok2 || start > maxNumber || n > maxNumber || start+n > maxNumber {
			return fmt.Errorf("cross-reference subsection %.20q %.20q", word, count)
		}
		head.start, head.count, head.end = int(start), int(n), pos+int64(l.Pos())
		return nil
	})
	return head, err
}

// entryLen is "nnnnnnnnnn ggggg n" and two bytes of line end.
const entryLen = 20

// tableEntries reads count entries from pos. Most files have them in 20 bytes
// each; those of sloppy writers are read word by word.
func (f *file) tableEntries(pos int64, count int) ([]entry, int64, error) {
	if int64(count) > f.size/(entryLen-2) {
		return nil, 0, damaged(fmt.Errorf("subsection of %d entries in %d bytes", count, f.size))
	}
	if err := f.count(count); err != nil || count == 0 {
		return nil, pos, err
	}
	if err := f.lex(pos, func(l *pdf.Lexer) error {
		err := l.SkipSpace()
		pos += int64(l.Pos())
		return err
	}); err != nil {
		return nil, 0, err
	}
	data, err := f.window(pos, count*entryLen)
	if err != nil {
		return nil, 0, err
	}
	if len(data) == count*entryLen {
		if entries, ok := regular(data); ok {
			return entries, pos + int64(len(data)), nil
		}
	}
	return f.sloppyEntries(pos, count)
}

func regular(data []byte) ([]entry, bool) {
	entries := make([]entry, 0, len(data)/entryLen)
	for ; len(data) > 0; data = data[entryLen:] {
		e := data[:entryLen]
		at, ok1 := digits(string(e[:10]))
		gen, ok2 := digits(string(e[11:16]))
		if !ok1 || !ok2 || e[10] != ' ' || e[16] != ' ' || !isSpace(e[18]) || !isSpace(e[19]) {
			return nil, false
		}
		made, ok := tableEntry(at, gen, e[17:18])
		if !ok {
			return nil, false
		}
		entries = append(entries, made)
	}
	return entries, true
}

// tableEntry takes offset 0, where the header is, for free as many writers do.
func tableEntry(at, gen int64, kind []byte) (entry, bool) {
	if string(kind) != "n" && string(kind) != "f" {
		return entry{}, false
	}
	if kind[0] == 'f' || at == 0 { // some writers head the list of free objects with 65536
		return entry{gen: int32(min(gen, 65535)), kind: free}, true
	}
	return entry{at, int32(gen), inUse}, gen <= 65535
}

// sloppyEntries reads them in pieces, so that no window grows with the table.
func (f *file) sloppyEntries(pos int64, count int) ([]entry, int64, error) {
	entries := make([]entry, 0, count)
	for range count {
		err := f.lex(pos, func(l *pdf.Lexer) error {
			var words [3]string
			for i := range words {
				var err error
				if words[i], err = l.Word(); err != nil {
					return err
				}
			}
			at, ok1 := digits(words[0])
			gen, ok2 := digits(words[1])
			e, ok3 := tableEntry(at, gen, []byte(words[2]))
			if !ok1 || !ok2 || !ok3 {
				return fmt.Errorf("cross-reference entry %.12q %.12q %.12q", words[0], words[1], words[2])
			}
			entries = append(entries, e)
			pos += int64(l.Pos())
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return entries, pos, nil
}

// digits reads a number that is nothing but at most 15 digits.
func digits(word string) (n int64, ok bool) {
	if word == "" || len(word) > 15 {
		return 0, false
	}
	for _, c := range []byte(word) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
