package pdf

// Lexer reads objects from bytes that the caller holds. It is all that the
// writer's reader of files and the verifier's have in common, besides the types
// of objects.
type Lexer struct{ l lexer }

// ErrShort means that the bytes ended before the object did and that the file
// has more: come back with a larger window.
var ErrShort = errShort

// NewLexer reads from buf; last tells that buf reaches the end of the file.
func NewLexer(buf []byte, last bool) *Lexer { return &Lexer{lexer{buf: buf, last: last}} }

// Object reads the next object, with white space and comments before it.
func (x *Lexer) Object() (Object, error) { return x.l.object() }

// Word reads the next run of regular characters, such as "obj"; it is empty
// before a delimiter and at the end.
func (x *Lexer) Word() (string, error) { return x.l.nextRegular() }

// SkipSpace passes white space and comments.
func (x *Lexer) SkipSpace() error { return x.l.skipSpace() }

// Pos is the place in the bytes behind what was read.
func (x *Lexer) Pos() int { return x.l.pos }

// Seek goes to a place in the bytes.
func (x *Lexer) Seek(pos int) { x.l.pos = pos }

// NoteSpans starts to note where the values of the next outermost dictionary
// lie in the bytes, half open.
func (x *Lexer) NoteSpans() map[Name][2]int {
	x.l.spans = map[Name][2]int{}
	return x.l.spans
}

// LineEnd passes the end of line that follows "stream" (CR LF or LF; a CR alone
// is tolerated) and returns the place behind it.
func (x *Lexer) LineEnd() (int, error) {
	c, err := x.l.byteAt(0)
	if err != nil {
		return x.l.pos, err
	}
	x.l.pos++
	if c == '\r' {
		if c, err = x.l.byteAt(0); err != nil {
			return x.l.pos, err
		}
		if c == '\n' {
			x.l.pos++
		}
	}
	return x.l.pos, nil
}
