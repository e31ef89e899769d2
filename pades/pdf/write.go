package pdf

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Append writes o as PDF source. Dictionaries are written in the order of
// their keys, so the same object is always the same bytes.
func Append(b []byte, o Object) []byte {
	switch v := o.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendExact(b, v)
	case Name:
		return appendName(b, v)
	case String:
		return appendString(b, v)
	case Ref:
		return fmt.Appendf(b, "%d %d R", v.Num, v.Gen)
	case Array:
		return appendArray(b, v)
	case Dict:
		return appendDict(b, v)
	}
	panic(fmt.Sprintf("pdf: cannot write a %T", o)) // our own mistake, never the input's
}

// appendExact writes a number so that it reads as the same number again: a
// thousandth more in the matrix of a font is a wider line.
func appendExact(b []byte, v float64) []byte {
	if v == 0 {
		return append(b, '0') // there is no negative zero
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// AppendReal writes a number of ours without an exponent, rounded.
func AppendReal(b []byte, v float64) []byte { return appendExact(b, Rounded(v)) }

// Rounded is v to a ten-thousandth of a point or, below that, v itself.
func Rounded(v float64) float64 {
	if rounded := math.Round(v*1e4) / 1e4; rounded != 0 && math.Abs(v) < 1e9 {
		return rounded
	}
	return v
}

func appendArray(b []byte, a Array) []byte {
	b = append(b, '[')
	for i, o := range a {
		if i > 0 {
			b = append(b, ' ')
		}
		b = Append(b, o)
	}
	return append(b, ']')
}

func appendDict(b []byte, d Dict) []byte {
	keys := make([]Name, 0, len(d))
	for k := range d {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	b = append(b, "<<"...)
	for _, k := range keys {
		b = appendName(b, k)
		b = append(b, ' ')
		b = Append(b, d[k])
		b = append(b, '\n')
	}
	return append(b, ">>"...)
}

func appendName(b []byte, n Name) []byte {
	b = append(b, '/')
	for i := range len(n) {
		if c := n[i]; c <= ' ' || c >= 0x7f || c == '#' || isDelimiter(c) {
			b = fmt.Appendf(b, "#%02X", c)
		} else {
			b = append(b, c)
		}
	}
	return b
}

// appendString prefers ( ) for printable ASCII and < > for the rest.
func appendString(b []byte, s String) []byte {
	if slices.ContainsFunc(s, func(c byte) bool { return c < ' ' || c > '~' }) {
		b = append(b, '<')
		b = hex.AppendEncode(b, s)
		return append(b, '>')
	}
	b = append(b, '(')
	for _, c := range s {
		if c == '(' || c == ')' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return append(b, ')')
}

// Text is a text string: ASCII as it is, anything else in UTF-16 with its mark
// (ISO 32000-2, 7.9.2.2).
func Text(s string) String {
	out := String{0xFE, 0xFF}
	plain := true
	for _, r := range s {
		plain = plain && r < 0x7f && r >= ' '
	}
	if plain {
		return String(s)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return out
}

// AppendIndirect writes "n g obj … endobj", streams included.
func AppendIndirect(b []byte, ref Ref, o Object) []byte {
	b = fmt.Appendf(b, "%d %d obj\n", ref.Num, ref.Gen)
	if s, ok := o.(*Stream); ok {
		d := s.Dict.Clone()
		d["Length"] = len(s.Data)
		b = appendDict(b, d)
		b = append(b, "\nstream\n"...)
		b = append(b, s.Data...)
		b = append(b, "\nendstream"...)
	} else {
		b = Append(b, o)
	}
	return append(b, "\nendobj\n"...)
}
