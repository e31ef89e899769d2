package pdf

import (
	"fmt"
	"strconv"
)

type entryKind byte

const (
	entryFree entryKind = iota
	entryInUse
	entryInStream
)

// entry says where an object is: its offset from Base, or the number of the
// object stream it lives in.
type entry struct {
	kind   entryKind
	offset int64
	gen    int
}

// section is one subsection of a table or stream, kept as the bytes it has in
// the file: an index of 79 000 objects costs nothing until somebody asks.
type section struct {
	at           int64 // where the section it belongs to stands, from Base
	hybrid       bool  // a table whose free entries may stand in the stream beside it
	start, count int
	width        [3]int // of a stream's columns; zero for a table
	data         []byte
}

// find reads the entry of object num; ok is false when the section lacks it.
func (s section) find(num int) (entry, bool, error) {
	if num < s.start || num-s.start >= s.count {
		return entry{}, false, nil
	}
	at := num - s.start
	if s.width == [3]int{} {
		e, err := tableEntry(s.data[at*tableEntryLen : (at+1)*tableEntryLen])
		return e, true, err
	}
	size := s.width[0] + s.width[1] + s.width[2]
	e, err := streamEntry(s.data[at*size:(at+1)*size], s.width)
	return e, true, err
}

// tableEntryLen is "nnnnnnnnnn ggggg n" and two bytes of line end.
const tableEntryLen = 20

func tableEntry(b []byte) (entry, error) {
	offset, err1 := strconv.ParseInt(string(b[:10]), 10, 64)
	gen, err2 := strconv.Atoi(string(b[11:16]))
	if err1 != nil || err2 != nil || (b[17] != 'n' && b[17] != 'f') {
		return entry{}, damaged(fmt.Errorf("cross-reference entry %q", b))
	}
	// Offset 0 holds the header, never an object; some writers put it for "free".
	if b[17] == 'f' || offset == 0 {
		return entry{kind: entryFree}, nil
	}
	return entry{entryInUse, offset, gen}, nil
}

func streamEntry(b []byte, w [3]int) (entry, error) {
	kind := uint64(1) // when the column is missing
	if w[0] > 0 {
		kind = bigEndian(b[:w[0]])
	}
	second, third := bigEndian(b[w[0]:w[0]+w[1]]), bigEndian(b[w[0]+w[1]:])
	if second > 1<<40 || third > 1<<32 {
		return entry{}, damaged(fmt.Errorf("cross-reference entry %x", b))
	}
	switch kind {
	case 1:
		return entry{entryInUse, int64(second), int(third)}, nil
	case 2:
		return entry{entryInStream, int64(second), 0}, nil
	}
	return entry{kind: entryFree}, nil
}

func bigEndian(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
