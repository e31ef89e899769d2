package pdf

import (
	"bytes"
	"fmt"
)

// maxObjectNumber keeps object numbers in what every viewer accepts
// (ISO 32000-1, annex C: 8 388 607 indirect objects).
const maxObjectNumber = 8_388_607

// lookup finds num in the newest section that has it. What a hybrid file's table
// calls free may be in the stream that comes with it, and nowhere else.
func (f *File) lookup(num int) (entry, error) {
	freed := false
	var freedAt int64
	for _, s := range f.sections {
		if freed && s.at != freedAt {
			break
		}
		e, ok, err := s.find(num)
		if err != nil || ok && (e.kind != entryFree || !s.hybrid) {
			return e, err
		}
		if ok {
			freed, freedAt = true, s.at
		}
	}
	return entry{}, nil
}

// Generation is the generation under which num is in use.
func (f *File) Generation(num int) (int, error) {
	e, err := f.lookup(num)
	return e.gen, err
}

// NextObject is the lowest number above all that the file uses or declares. A
// /Size beyond what any file may have is not believed.
func (f *File) NextObject() int {
	next := 1
	if size, ok := f.Trailer["Size"].(int64); ok && size <= maxObjectNumber {
		next = int(size)
	}
	for _, s := range f.sections {
		next = max(next, s.start+s.count)
	}
	return next
}

// readXref starts at the last "startxref" of the file.
func (f *File) readXref() error {
	const tail = 2048
	from := max(0, f.size-tail)
	end, err := f.window(from, tail)
	if err != nil {
		return err
	}
	at := bytes.LastIndex(end, []byte("startxref"))
	if at < 0 {
		return damaged(fmt.Errorf("no startxref in the last %d bytes", tail))
	}
	l := &lexer{buf: end, pos: at + len("startxref"), last: true}
	value, err := l.object()
	start, ok := value.(int64)
	if err != nil || !ok {
		return damaged(fmt.Errorf("startxref without a number"))
	}
	f.StartXref = start
	return f.followSections(start)
}

// followSections reads the newest section and those that /Prev names, newest
// first.
func (f *File) followSections(at int64) error {
	for seen := map[int64]bool{}; ; {
		if seen[at] || len(seen) > maxSections {
			return damaged(fmt.Errorf("cross-reference sections at %d go in a circle or are too many", at))
		}
		seen[at] = true
		trailer, stream, err := f.readWithHidden(at)
		if err != nil {
			return err
		}
		if f.Trailer == nil {
			f.Trailer, f.XrefStream = trailer, stream
		}
		prev, ok := offsetOf(trailer["Prev"])
		if !ok {
			return nil
		}
		at = prev
	}
}

// readWithHidden reads a section. In a hybrid file some objects of its /XRefStm
// stand as free in the table; what stands there as used counts more, for the
// stream may be that of an older revision (ISO 32000-2, 7.5.8.4).
func (f *File) readWithHidden(at int64) (Dict, bool, error) {
	mark := len(f.sections)
	defer func() {
		for i := range f.sections[mark:] {
			f.sections[mark+i].at = at
		}
	}()
	trailer, stream, err := f.readSection(f.Base + at)
	hidden, ok := offsetOf(trailer["XRefStm"])
	if err != nil || stream || !ok {
		return trailer, stream, err
	}
	for i := range f.sections[mark:] {
		f.sections[mark+i].hybrid = true
	}
	_, err = f.readXrefStream(f.Base + hidden)
	return trailer, false, err
}

// offsetOf also takes a real number, which some writers use for /Prev.
func offsetOf(o Object) (int64, bool) {
	n, ok := number(o)
	return int64(n), ok
}

// readSection reads a table or a stream at the absolute position at.
func (f *File) readSection(at int64) (trailer Dict, stream bool, err error) {
	var word string
	var after int
	if err := f.parseAt(at, func(l *lexer) error {
		word, err = l.nextRegular()
		after = l.pos
		return err
	}); err != nil {
		return nil, false, err
	}
	if word == "xref" {
		trailer, err = f.readTable(at + int64(after))
		return trailer, false, err
	}
	trailer, err = f.readXrefStream(at)
	return trailer, true, err
}
