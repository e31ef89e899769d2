package font

import (
	"encoding/binary"
	"io"
	"os"
	"slices"

	"github.com/go-text/typesetting/font/opentype"
)

// lean is a large font file that looks as if it had no outlines: the shaper does
// not need them, and reading them would take as much memory as the file, or more.
// A subset takes the few it needs from the file.
type lean struct {
	*os.File         // closed when nobody uses the font any more
	tags     []int64 // where the directory names outlines
	glyf     *io.SectionReader
	place    int64 // of the next Read
}

// What the shaper does without.
var hidden = []string{"glyf", "loca", "CFF "}

// leanly finds the outlines of a font, or gives nil where the file is no font.
func leanly(file *os.File, index int) *lean {
	const header, entry, most = 12, 16, 256
	at := int64(0)
	head := make([]byte, header)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil
	}
	if string(head[:4]) == "ttcf" {
		var offset [4]byte
		if _, err := file.ReadAt(offset[:], header+4*int64(index)); err != nil {
			return nil
		}
		at = int64(binary.BigEndian.Uint32(offset[:]))
	}
	directory := make([]byte, header+entry*most)
	n, err := file.ReadAt(directory, at)
	if err != nil && err != io.EOF || n < header {
		return nil
	}
	l := &lean{File: file}
	count := int(binary.BigEndian.Uint16(directory[4:]))
	for i := header; i+entry <= n && count > 0; i, count = i+entry, count-1 {
		name := string(directory[i : i+4])
		if slices.Contains(hidden, name) {
			l.tags = append(l.tags, at+int64(i))
		}
		if name == "glyf" {
			from, length := binary.BigEndian.Uint32(directory[i+8:]), binary.BigEndian.Uint32(directory[i+12:])
			l.glyf = io.NewSectionReader(file, int64(from), int64(length))
		}
	}
	return l
}

// ReadAt reads the file with other names for the tables.
func (l *lean) ReadAt(p []byte, at int64) (int, error) {
	n, err := l.File.ReadAt(p, at)
	for _, tag := range l.tags {
		for i := range int64(4) {
			if k := tag + i - at; k >= 0 && k < int64(n) {
				p[k] = '-'
			}
		}
	}
	return n, err
}

// Read and Seek go with ReadAt, as the parser of fonts wants it.
func (l *lean) Read(p []byte) (int, error) {
	n, err := l.ReadAt(p, l.place)
	l.place += int64(n)
	return n, err
}

func (l *lean) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekCurrent {
		offset += l.place
	}
	l.place = offset
	return offset, nil
}

var _ opentype.Resource = (*lean)(nil)
