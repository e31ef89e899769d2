package pdf

import (
	"bytes"
	"errors"
	"fmt"
)

// errShort means the window ended before the object did; the reader comes back
// with a larger window.
var errShort = errors.New("object goes on after the window")

// lexer reads objects from one window of a file.
type lexer struct {
	buf  []byte
	pos  int
	last bool // the window reaches the end of the file

	// spans, when set, receives where the values of the outermost dictionary lie.
	spans map[Name][2]int
	depth int
}

// byteAt is the byte n places ahead. After the end of the file everything is
// white space, which ends every token.
func (l *lexer) byteAt(n int) (byte, error) {
	if l.pos+n < len(l.buf) {
		return l.buf[l.pos+n], nil
	}
	if l.last {
		return 0, errEnd
	}
	return 0, errShort
}

var errEnd = errors.New("file ends inside an object")

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

// skipSpace passes white space and comments.
func (l *lexer) skipSpace() error {
	for {
		c, err := l.byteAt(0)
		if err != nil {
			return err
		}
		switch {
		case isSpace(c):
			l.pos++
		case c == '%':
			end := bytes.IndexAny(l.buf[l.pos:], "\r\n")
			if end < 0 {
				l.pos = len(l.buf)
				continue
			}
			l.pos += end
		default:
			return nil
		}
	}
}

// object reads the next object. A reference needs two tokens of look-ahead.
func (l *lexer) object() (Object, error) {
	if err := l.skipSpace(); err != nil {
		return nil, err
	}
	switch c := l.buf[l.pos]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '<':
		next, err := l.byteAt(1)
		if err != nil {
			return nil, err
		}
		if next == '<' {
			return l.nested(l.dict)
		}
		return l.hex()
	case c == '[':
		return l.nested(l.array)
	case c >= '0' && c <= '9':
		return l.numberOrRef()
	default:
		return l.keyword()
	}
}

func (l *lexer) nested(read func() (Object, error)) (Object, error) {
	if l.depth++; l.depth > MaxDepth {
		return nil, tooComplex(fmt.Errorf("nesting deeper than %d", MaxDepth))
	}
	defer func() { l.depth-- }()
	return read()
}

func (l *lexer) array() (Object, error) {
	l.pos++ // [
	out := Array{}
	for {
		if err := l.skipSpace(); err != nil {
			return nil, err
		}
		if l.buf[l.pos] == ']' {
			l.pos++
			return out, nil
		}
		o, err := l.object()
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
}

func (l *lexer) dict() (Object, error) {
	l.pos += 2 // <<
	out := Dict{}
	for {
		if err := l.skipSpace(); err != nil {
			return nil, err
		}
		if l.buf[l.pos] == '>' {
			if c, err := l.byteAt(1); err != nil {
				return nil, err
			} else if c != '>' {
				return nil, fmt.Errorf("dictionary ends in a single >")
			}
			l.pos += 2
			return out, nil
		}
		if l.buf[l.pos] != '/' {
			return nil, fmt.Errorf("dictionary key is no name")
		}
		if err := l.entry(out); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) entry(into Dict) error {
	key, err := l.name()
	if err != nil {
		return err
	}
	if err := l.skipSpace(); err != nil {
		return err
	}
	from := l.pos
	value, err := l.object()
	if err != nil {
		return err
	}
	// Readers disagree about which of two equal keys wins, so a file in which
	// that matters is not shown to anybody.
	if _, twice := into[key]; twice {
		return fmt.Errorf("dictionary has /%s twice", key)
	}
	into[key] = value
	if l.spans != nil && l.depth == 1 {
		l.spans[key] = [2]int{from, l.pos}
	}
	return nil
}
