package verify

import "chancery/pades/pdf"

// kind of a cross-reference entry.
type entryKind byte

const (
	absent entryKind = iota // no section has the object
	free
	inUse    // at an offset
	inStream // within an object stream
)

// entry says where an object is.
type entry struct {
	at   int64 // inUse: offset from base; inStream: number of the object stream
	gen  int32 // inUse, free: generation; inStream: index in the stream
	kind entryKind
}

func (e entry) live() bool { return e.kind == inUse || e.kind == inStream }

// run is a subsection: entries of objects that follow each other.
type run struct {
	start   int
	entries []entry
}

func (r run) find(num int) (entry, bool) {
	if num < r.start || num-r.start >= len(r.entries) {
		return entry{}, false
	}
	return r.entries[num-r.start], true
}

// section is one cross-reference table or stream with its trailer.
type section struct {
	at      int64 // from base, as /Prev and startxref name it
	end     int64 // absolute, behind the trailer or the stream object
	stream  bool
	self    int // object number of a cross-reference stream
	runs    []run
	hidden  []run // of the stream that /XRefStm of a hybrid file names
	hybrid  bool
	loose   bool  // it does not stand exactly where it was said to
	asked   int64 // where it was said to stand, from base
	trailer pdf.Dict
}

// find looks up an object. In a hybrid file the table calls free what only its
// stream lists (ISO 32000-2, 7.5.8.4).
func (s *section) find(num int) (entry, bool) {
	found, ok := findIn(s.runs, num)
	if found.live() || !s.hybrid {
		return found, ok
	}
	if e, hiddenOK := findIn(s.hidden, num); hiddenOK {
		return e, true
	}
	return found, ok
}

func findIn(runs []run, num int) (entry, bool) {
	for _, r := range runs {
		if e, ok := r.find(num); ok {
			return e, true
		}
	}
	return entry{}, false
}
