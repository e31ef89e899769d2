package pdf

import (
	"errors"
	"fmt"
)

// name reads a name; #xx stands for one byte (ISO 32000-2, 7.3.5).
func (l *lexer) name() (Name, error) {
	l.pos++ // the slash
	word, err := l.token()
	if err != nil {
		return "", err
	}
	out := make([]byte, 0, len(word))
	for i := 0; i < len(word); i++ {
		if word[i] == '#' && i+2 < len(word) && hexDigit(word[i+1]) >= 0 && hexDigit(word[i+2]) >= 0 {
			out = append(out, byte(hexDigit(word[i+1])<<4|hexDigit(word[i+2])))
			i += 2
			continue
		}
		out = append(out, word[i])
	}
	return Name(out), nil
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// hex reads a hexadecimal string; a missing last digit counts as 0.
func (l *lexer) hex() (Object, error) {
	l.pos++ // <
	out, half := String{}, -1
	for {
		c, err := l.byteAt(0)
		if err != nil {
			return nil, err
		}
		l.pos++
		digit := hexDigit(c)
		switch {
		case c == '>':
			if half >= 0 {
				out = append(out, byte(half<<4))
			}
			return out, nil
		case isSpace(c):
		case digit < 0:
			return nil, fmt.Errorf("hexadecimal string holds %q", c)
		case half < 0:
			half = digit
		default:
			out, half = append(out, byte(half<<4|digit)), -1
		}
	}
}

// literal reads a string in parentheses, which may nest.
func (l *lexer) literal() (Object, error) {
	l.pos++ // (
	out := String{}
	for depth := 1; ; l.pos++ {
		c, err := l.byteAt(0)
		if err != nil {
			return nil, err
		}
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.pos++
				return out, nil
			}
		case '\\':
			if out, err = l.escape(out); err != nil {
				return nil, err
			}
			continue
		case '\r': // every end of line reads as \n
			if next, err := l.byteAt(1); errors.Is(err, errShort) {
				return nil, err
			} else if err == nil && next == '\n' {
				continue
			}
			c = '\n'
		}
		out = append(out, c)
	}
}

// escape reads what follows a backslash and leaves pos on its last byte.
func (l *lexer) escape(out String) (String, error) {
	l.pos++
	c, err := l.byteAt(0)
	if err != nil {
		return nil, err
	}
	switch c {
	case 'n':
		return append(out, '\n'), nil
	case 'r':
		return append(out, '\r'), nil
	case 't':
		return append(out, '\t'), nil
	case 'b':
		return append(out, '\b'), nil
	case 'f':
		return append(out, '\f'), nil
	case '\n':
		return out, nil
	case '\r':
		if next, err := l.byteAt(1); err == nil && next == '\n' {
			l.pos++
		} else if errors.Is(err, errShort) {
			return nil, err
		}
		return out, nil
	}
	if c < '0' || c > '7' {
		return append(out, c), nil
	}
	return l.octal(out)
}

func (l *lexer) octal(out String) (String, error) {
	value := 0
	for digits := 0; digits < 3; digits++ {
		c, err := l.byteAt(digits)
		if errors.Is(err, errShort) {
			return nil, err
		}
		if err != nil || c < '0' || c > '7' {
			l.pos += digits - 1
			return append(out, byte(value)), nil
		}
		value = value<<3 | int(c-'0')
	}
	l.pos += 2
	return append(out, byte(value)), nil
}
