package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"chancery/pades/pdf"
	"chancery/problem"
)

// file is one PDF as its cross-reference sections say it is.
type file struct {
	ctx  context.Context
	r    io.ReaderAt
	size int64
	base int64 // where "%PDF-" stands; offsets in the file count from there

	version string // of the header, such as "1.7"

	revisions []revision // oldest first
	entries   int        // of all sections

	objects     map[int64]object // parsed, by place
	cachedBytes int64
	parsed      int
	containers  map[int64]*container // object streams, by place
	decoded     int64
	buffer      []byte // for hashing
	block       []byte // read last
	blockAt     int64
}

// open reads the whole chain of cross-reference sections and no object beyond.
func open(ctx context.Context, r io.ReaderAt, size int64) (*file, error) {
	f := &file{ctx: ctx, r: r, size: size, objects: map[int64]object{}, containers: map[int64]*container{}}
	if size == 0 {
		return nil, problem.Invalid("pdf_empty", "The file is empty.")
	}
	head, err := f.window(0, 1024+8)
	if err != nil {
		return nil, err
	}
	at := bytes.Index(head, []byte("%PDF-"))
	if at < 0 {
		return nil, problem.Invalid("not_a_pdf", "The file is not a PDF.")
	}
	if len(head) < at+len("%PDF-1.7") {
		return nil, problem.Invalid("not_a_pdf", "The file is not a PDF.")
	}
	f.base, f.version = int64(at), string(head[at+len("%PDF-"):at+len("%PDF-1.7")])
	return f, f.readChain()
}

// window reads up to n bytes at the absolute position from, not to be changed.
func (f *file) window(from int64, n int) ([]byte, error) {
	if from < 0 || from >= f.size {
		return nil, damaged(fmt.Errorf("offset %d lies outside of %d bytes", from, f.size))
	}
	n = int(min(int64(n), f.size-from))
	if from < f.blockAt || from+int64(n) > f.blockAt+int64(len(f.block)) {
		// A block that was handed out may still be in use: make a new one.
		block := make([]byte, min(int64(max(n, blockSize)), f.size-from))
		if k, err := f.r.ReadAt(block, from); k < len(block) {
			return nil, fmt.Errorf("read %d bytes of the PDF at %d: %w", len(block), from, err)
		}
		if n > blockSize {
			return block, nil
		}
		f.block, f.blockAt = block, from
	}
	at := from - f.blockAt
	return f.block[at : at+int64(n) : at+int64(n)], nil
}

// blockSize is how much is read at once, in bytes: objects stand together.
const blockSize = 8 << 10

// firstWindow is enough for most objects.
const firstWindow = 1 << 10

// lex gives read a lexer at the absolute position from, with a larger window
// each time read comes to its end.
func (f *file) lex(from int64, read func(*pdf.Lexer) error) error {
	for n := firstWindow; ; n *= 4 {
		buf, err := f.window(from, n)
		if err != nil {
			return err
		}
		err = read(pdf.NewLexer(buf, from+int64(len(buf)) == f.size))
		switch {
		case errors.Is(err, pdf.ErrShort):
		case isExhausted(err):
			return tooComplex(fmt.Errorf("parse at %d: %w", from, err))
		case err != nil && !isProblem(err):
			return damaged(fmt.Errorf("parse at %d: %w", from, err))
		default:
			return err
		}
		if n > maxSource {
			return tooComplex(fmt.Errorf("object at %d is longer than %d bytes", from, maxSource))
		}
	}
}

func isProblem(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p)
}

// isAccident tells an error of the machine from one of the file: the first ends
// everything, the second is something to report.
func isAccident(err error) bool { return err != nil && !isProblem(err) }

// isExhausted tells that a limit was reached, which ends everything, too.
func isExhausted(err error) bool {
	var p *problem.Problem
	return errors.As(err, &p) && p.Code == "pdf_too_complex"
}

// fatal is an error that no finding can stand for.
func fatal(err error) bool { return isAccident(err) || isExhausted(err) }

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// number reads an integer that a writer may have written as a real.
func number(o pdf.Object) (int64, bool) {
	switch n := o.(type) {
	case int64:
		return n, true
	case float64:
		return int64(n), n == float64(int64(n))
	}
	return 0, false
}
