package cms

import (
	"fmt"
)

// Limits on what Normalise reads. A container carries certificates and, in files
// of others, whole revocation lists.
const (
	maxContainer = 16 << 20 // bytes
	maxNesting   = 64       // values within values
)

const (
	classUniversal   = 0
	tagOctets        = 4
	flagConstructed  = 0x20
	lengthIndefinite = 0x80
)

// Normalise turns the first BER value of data into DER as far as lengths and
// octet strings go (X.690, 8.1.3 and 8.7): indefinite and overlong lengths become
// the shortest, octet strings in pieces become whole. It also returns what stands
// behind the value. Values that are DER already come back as the same bytes.
//
// It reorders nothing, since a signature may cover the order that was written.
func Normalise(data []byte) (der, rest []byte, err error) {
	if len(data) > maxContainer {
		return nil, nil, fmt.Errorf("read BER: more than %d bytes", maxContainer)
	}
	n := normaliser{}
	out, rest, err := n.value(nil, data, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("read BER: %w", err)
	}
	if !n.changed {
		return data[:len(data)-len(rest)], rest, nil
	}
	return out, rest, nil
}

type normaliser struct{ changed bool }

// header is the identifier and length octets of one value.
type header struct {
	tag        byte
	length     int // of the content; -1 when indefinite
	size       int // of the header itself
	indefinite bool
}

func (h header) constructed() bool { return h.tag&flagConstructed != 0 }

func (h header) octets() bool { return h.tag == classUniversal|flagConstructed|tagOctets }

func readHeader(data []byte) (header, error) {
	if len(data) < 2 {
		return header{}, fmt.Errorf("cut off in a header")
	}
	h := header{tag: data[0], size: 2, length: int(data[1])}
	if h.tag&0x1F == 0x1F {
		return header{}, fmt.Errorf("a tag above 30, which CMS has nowhere")
	}
	if data[1] == lengthIndefinite {
		h.length, h.indefinite = -1, true
		if !h.constructed() {
			return header{}, fmt.Errorf("a primitive value of indefinite length")
		}
		return h, nil
	}
	if data[1] > lengthIndefinite {
		count := int(data[1] & 0x7F)
		if count > 8 || len(data) < 2+count {
			return header{}, fmt.Errorf("a length of %d bytes", count)
		}
		h.size, h.length = 2+count, 0
		for _, b := range data[2:h.size] {
			if h.length = h.length<<8 | int(b); h.length > maxContainer {
				return header{}, fmt.Errorf("a value of more than %d bytes", maxContainer)
			}
		}
	}
	if h.length > len(data)-h.size {
		return header{}, fmt.Errorf("a value longer than what holds it")
	}
	return h, nil
}

// value appends the first value of data to out.
func (n *normaliser) value(out, data []byte, depth int) (_, rest []byte, err error) {
	if depth > maxNesting {
		return nil, nil, fmt.Errorf("values nested deeper than %d", maxNesting)
	}
	h, err := readHeader(data)
	if err != nil {
		return nil, nil, err
	}
	content := data[h.size:]
	if !h.indefinite {
		content, rest = content[:h.length], content[h.length:]
	}
	if h.size != len(appendHeader(nil, h.tag, len(content))) || h.indefinite || h.octets() {
		n.changed = true
	}
	if !h.constructed() {
		return append(appendHeader(out, h.tag, len(content)), content...), rest, nil
	}
	var body []byte
	if h.indefinite {
		body, rest, err = n.untilEnd(content, h, depth)
	} else {
		body, err = n.all(content, h, depth)
	}
	if err != nil {
		return nil, nil, err
	}
	if h.octets() {
		return append(appendHeader(out, tagOctets, len(body)), body...), rest, nil
	}
	return append(appendHeader(out, h.tag, len(body)), body...), rest, nil
}

// all normalises values until content is used up.
func (n *normaliser) all(content []byte, within header, depth int) (body []byte, err error) {
	body = make([]byte, 0, len(content))
	for len(content) > 0 {
		if body, content, err = n.member(body, content, within, depth); err != nil {
			return nil, err
		}
	}
	return body, nil
}

// untilEnd normalises values up to the two zeros that end an indefinite length.
func (n *normaliser) untilEnd(content []byte, within header, depth int) (body, rest []byte, err error) {
	for {
		if len(content) < 2 {
			return nil, nil, fmt.Errorf("an indefinite length without end")
		}
		if content[0] == 0 && content[1] == 0 {
			return body, content[2:], nil
		}
		if body, content, err = n.member(body, content, within, depth); err != nil {
			return nil, nil, err
		}
	}
}

// member appends one value, or the content alone when it is a piece of an octet
// string.
func (n *normaliser) member(body, content []byte, within header, depth int) (_, rest []byte, err error) {
	if !within.octets() {
		return n.value(body, content, depth+1)
	}
	piece, rest, err := n.value(nil, content, depth+1)
	if err != nil {
		return nil, nil, err
	}
	h, err := readHeader(piece)
	if err != nil || h.tag != tagOctets {
		return nil, nil, fmt.Errorf("a piece of an octet string with tag %#x", piece[0])
	}
	return append(body, piece[h.size:]...), rest, nil
}

func appendHeader(out []byte, tag byte, length int) []byte {
	switch {
	case length < 0x80:
		return append(out, tag, byte(length))
	case length <= 0xFF:
		return append(out, tag, 0x81, byte(length))
	case length <= 0xFFFF:
		return append(out, tag, 0x82, byte(length>>8), byte(length))
	case length <= 0xFFFFFF:
		return append(out, tag, 0x83, byte(length>>16), byte(length>>8), byte(length))
	}
	return append(out, tag, 0x84, byte(length>>24), byte(length>>16), byte(length>>8), byte(length))
}
