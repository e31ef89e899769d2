package pdf

import "fmt"

// readTable reads subsections from the absolute position at until "trailer".
func (f *File) readTable(at int64) (Dict, error) {
	for {
		var start, count int64
		var trailer Dict
		var after int
		err := f.parseAt(at, func(l *lexer) (err error) {
			start, count, trailer, err = l.subsection()
			after = l.pos
			return err
		})
		if err != nil || trailer != nil {
			return trailer, err
		}
		s, end, err := f.tableEntries(at+int64(after), start, count)
		if err != nil {
			return nil, err
		}
		if count > 0 {
			f.sections = append(f.sections, s)
		}
		at = end
	}
}

// subsection reads "start count", or "trailer" and its dictionary.
func (l *lexer) subsection() (start, count int64, trailer Dict, err error) {
	if err := l.skipSpace(); err != nil {
		return 0, 0, nil, err
	}
	if l.buf[l.pos] == 't' {
		if word, err := l.token(); err != nil || word != "trailer" {
			return 0, 0, nil, orElse(err, fmt.Errorf("%.20q instead of trailer", word))
		}
		o, err := l.object()
		trailer, ok := o.(Dict)
		if err != nil || !ok {
			return 0, 0, nil, orElse(err, fmt.Errorf("trailer is no dictionary"))
		}
		return 0, 0, trailer, nil
	}
	first, err := l.object()
	if err != nil {
		return 0, 0, nil, err
	}
	second, err := l.object()
	if err != nil {
		return 0, 0, nil, err
	}
	start, ok1 := first.(int64)
	count, ok2 := second.(int64)
	if !ok1 || !ok2 || start < 0 || count < 0 || start+count > maxObjectNumber {
		return 0, 0, nil, fmt.Errorf("cross-reference subsection %v %v", first, second)
	}
	return start, count, nil, nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// tableEntries keeps the entries as they stand when each has its 20 bytes, and
// rewrites them to that when a writer was sloppy about line ends.
func (f *File) tableEntries(at, start, count int64) (section, int64, error) {
	if count > f.size/(tableEntryLen-2) {
		return section{}, 0, damaged(fmt.Errorf("subsection of %d entries in %d bytes", count, f.size))
	}
	at, err := f.skipSpaceAt(at)
	if err != nil {
		return section{}, 0, err
	}
	s := section{start: int(start), count: int(count)}
	if s.data, err = f.window(at, int(count)*tableEntryLen); err != nil {
		return section{}, 0, err
	}
	if len(s.data) == int(count)*tableEntryLen && regular(s.data) {
		return s, at + int64(len(s.data)), nil
	}
	return f.sloppyEntries(s, at)
}

func (f *File) skipSpaceAt(at int64) (int64, error) {
	var skipped int
	err := f.parseAt(at, func(l *lexer) error {
		err := l.skipSpace()
		skipped = l.pos
		return err
	})
	return at + int64(skipped), err
}

func regular(data []byte) bool {
	for i := 0; i < len(data); i += tableEntryLen {
		e := data[i : i+tableEntryLen]
		if e[10] != ' ' || e[16] != ' ' || (e[17] != 'n' && e[17] != 'f') || !isSpace(e[18]) || !isSpace(e[19]) {
			return false
		}
	}
	return true
}

func (f *File) sloppyEntries(s section, at int64) (section, int64, error) {
	var after int
	err := f.parseAt(at, func(l *lexer) error {
		s.data = s.data[:0]
		for range s.count {
			e, err := l.sloppyEntry()
			if err != nil {
				return err
			}
			s.data = append(s.data, e...)
		}
		after = l.pos
		return nil
	})
	return s, at + int64(after), err
}

func (l *lexer) sloppyEntry() (string, error) {
	offset, err := l.object()
	if err != nil {
		return "", err
	}
	gen, err := l.object()
	if err != nil {
		return "", err
	}
	kind, err := l.nextRegular()
	if err != nil {
		return "", err
	}
	o, ok1 := offset.(int64)
	g, ok2 := gen.(int64)
	if !ok1 || !ok2 || o < 0 || o > 9_999_999_999 || g < 0 || g > 65535 || (kind != "n" && kind != "f") {
		return "", fmt.Errorf("cross-reference entry %v %v %.10q", offset, gen, kind)
	}
	return fmt.Sprintf("%010d %05d %s \n", o, g, kind), nil
}
