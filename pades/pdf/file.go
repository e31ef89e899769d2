package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"chancery/problem"
)

// File reads one PDF. It is not safe for concurrent use.
type File struct {
	r    io.ReaderAt
	size int64
	// Base is where "%PDF-" stands; every offset in the file counts from there.
	Base int64
	// Version is the version of the header, such as "1.7".
	Version string
	// Trailer is the newest trailer dictionary.
	Trailer Dict
	// StartXref is the offset of the newest cross-reference section, counted from Base.
	StartXref int64
	// XrefStream tells that the newest section is a stream; updates follow suit.
	XrefStream bool

	sections []section
	cache    map[int]Object
	objStms  map[int]*objectStream
	reading  map[int]bool // guards against an object that needs itself
	weighed  int64        // likewise by Weigh, against maxWeighed
	decoded  int64        // bytes decoded so far, against MaxAllDecoded
}

// Open finds the newest cross-reference section and follows it back. It reads
// no object beyond that.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := &File{r: r, size: size, cache: map[int]Object{}, objStms: map[int]*objectStream{}, reading: map[int]bool{}}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	if err := f.readXref(); err != nil {
		return nil, err
	}
	if f.Trailer["Encrypt"] != nil {
		return nil, problem.Invalid("pdf_encrypted", "This PDF is encrypted; remove its password and upload it again.")
	}
	return f, nil
}

// readHeader looks for "%PDF-" in the first 1024 bytes, as viewers do.
func (f *File) readHeader() error {
	if f.size == 0 {
		return problem.Invalid("pdf_empty", "The file is empty.")
	}
	head, err := f.window(0, 1024+8)
	if err != nil {
		return err
	}
	at := bytes.Index(head, []byte("%PDF-"))
	if at < 0 || at > 1024 || len(head) < at+8 {
		return problem.Invalid("not_a_pdf", "The file is not a PDF.")
	}
	f.Base, f.Version = int64(at), string(head[at+5:at+8])
	return nil
}

// window reads up to n bytes at the absolute position from.
func (f *File) window(from int64, n int) ([]byte, error) {
	if from < 0 || from >= f.size {
		return nil, damaged(fmt.Errorf("offset %d lies outside of %d bytes", from, f.size))
	}
	buf := make([]byte, min(int64(n), f.size-from))
	if k, err := f.r.ReadAt(buf, from); k < len(buf) {
		return nil, fmt.Errorf("read %d bytes of the PDF at %d: %w", len(buf), from, err)
	}
	return buf, nil
}

// firstWindow is enough for most objects that are not streams of glyph widths.
const firstWindow = 1 << 10

// parseAt gives read a lexer at the absolute position from, with a larger window
// each time read comes to its end.
func (f *File) parseAt(from int64, read func(*lexer) error) error {
	for n := firstWindow; ; n *= 4 {
		if n > maxObjectSize*4 {
			return tooComplex(fmt.Errorf("object at %d is longer than %d bytes", from, maxObjectSize))
		}
		buf, err := f.window(from, n)
		if err != nil {
			return err
		}
		l := &lexer{buf: buf, last: from+int64(len(buf)) == f.size}
		switch err := read(l); {
		case errors.Is(err, errShort):
		case err != nil && !isProblem(err):
			return damaged(fmt.Errorf("parse at %d: %w", from, err))
		default:
			return err
		}
	}
}

func isProblem(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p)
}

// indirect is an object as it stands in the file.
type indirect struct {
	ref      Ref
	value    Object
	from, to int64 // absolute, from the object number to the end of the value
}

// indirectAt reads "n g obj value" at the absolute position from.
func (f *File) indirectAt(from int64) (indirect, error) {
	var in indirect
	err := f.parseAt(from, func(l *lexer) error {
		ref, err := l.objHeader()
		if err != nil {
			return err
		}
		value, err := l.object()
		if err != nil {
			return err
		}
		in = indirect{ref: ref, value: value, from: from, to: from + int64(l.pos)}
		if dict, ok := value.(Dict); ok {
			return l.streamAfter(&in, dict)
		}
		return nil
	})
	return in, err
}

func (l *lexer) objHeader() (Ref, error) {
	num, err := l.object()
	if err != nil {
		return Ref{}, err
	}
	gen, err := l.object()
	if err != nil {
		return Ref{}, err
	}
	word, err := l.nextRegular()
	if err != nil {
		return Ref{}, err
	}
	n, ok1 := num.(int64)
	g, ok2 := gen.(int64)
	if !ok1 || !ok2 || word != "obj" || n < 0 || n > maxObjectNumber || g < 0 || g > 65535 {
		return Ref{}, fmt.Errorf("no object starts here")
	}
	return Ref{int(n), int(g)}, nil
}

// streamAfter turns the dictionary into a stream when "stream" follows it.
func (l *lexer) streamAfter(in *indirect, dict Dict) error {
	word, err := l.nextRegular()
	if err != nil || word != "stream" {
		if errors.Is(err, errShort) {
			return err
		}
		return nil
	}
	c, err := l.byteAt(0)
	if err != nil {
		return err
	}
	l.pos++
	if c == '\r' {
		if c, err := l.byteAt(0); err != nil {
			return err
		} else if c == '\n' {
			l.pos++
		}
	}
	in.value = &Stream{Dict: dict, start: in.from + int64(l.pos)}
	return nil
}
