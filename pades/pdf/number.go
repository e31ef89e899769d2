package pdf

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// token reads regular characters up to the next white space or delimiter.
func (l *lexer) token() (string, error) {
	from := l.pos
	for {
		c, err := l.byteAt(0)
		if errors.Is(err, errEnd) {
			return string(l.buf[from:l.pos]), nil
		}
		if err != nil {
			return "", err
		}
		if isSpace(c) || isDelimiter(c) {
			return string(l.buf[from:l.pos]), nil
		}
		l.pos++
	}
}

func (l *lexer) keyword() (Object, error) {
	word, err := l.token()
	if err != nil {
		return nil, err
	}
	switch word {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return realNumber(word)
}

func realNumber(word string) (Object, error) {
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || word[0] > '9' {
		return nil, fmt.Errorf("%.20q is no object", word)
	}
	return f, nil
}

func (l *lexer) numberOrRef() (Object, error) {
	word, err := l.token()
	if err != nil {
		return nil, err
	}
	value, err := realNumber(word)
	num, isInt := value.(int64)
	if err != nil || !isInt || num > math.MaxInt32 {
		return value, err
	}
	back := l.pos
	if gen, ok, err := l.refTail(); err != nil {
		return nil, err
	} else if ok {
		return Ref{int(num), gen}, nil
	}
	l.pos = back
	return value, nil
}

// refTail reads "gen R" after an object number, if that is what follows.
func (l *lexer) refTail() (gen int, ok bool, err error) {
	word, err := l.nextRegular()
	if err != nil || word == "" || len(word) > 5 {
		return 0, false, err
	}
	gen, convErr := strconv.Atoi(word)
	if convErr != nil || word[0] < '0' || word[0] > '9' {
		return 0, false, nil
	}
	word, err = l.nextRegular()
	return gen, word == "R", err
}

// nextRegular skips space and reads a token; the end of the file is no error.
func (l *lexer) nextRegular() (string, error) {
	err := l.skipSpace()
	if errors.Is(err, errEnd) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return l.token()
}
