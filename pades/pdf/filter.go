package pdf

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"
)

// Decode returns the bytes of a stream after its filters. Only the filters that
// cross-reference and object streams use are known; pictures stay as they are.
func (f *File) Decode(s *Stream) ([]byte, error) {
	data, err := f.Raw(s)
	if err != nil {
		return nil, err
	}
	filters, err := f.list(s.Dict["Filter"])
	if err != nil {
		return nil, err
	}
	parms, err := f.list(s.Dict["DecodeParms"])
	if err != nil {
		return nil, err
	}
	if len(filters) > maxFilters {
		return nil, tooComplex(fmt.Errorf("%d filters on one stream", len(filters)))
	}
	for i, filter := range filters {
		var parm Dict
		if i < len(parms) {
			if parm, err = f.Dict(parms[i]); err != nil {
				return nil, err
			}
		}
		if data, err = f.unfilter(filter, parm, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list reads one object or an array of them.
func (f *File) list(o Object) (Array, error) {
	o, err := f.Get(o)
	if err != nil || o == nil {
		return nil, err
	}
	if a, ok := o.(Array); ok {
		return a, nil
	}
	return Array{o}, nil
}

// Raw returns the bytes of a stream as they stand in the file.
func (f *File) Raw(s *Stream) ([]byte, error) {
	if s.Data != nil {
		return s.Data, nil
	}
	length, ok, err := f.Int(s.Dict["Length"])
	if err != nil {
		return nil, err
	}
	if !ok || length < 0 || length > f.size-s.start {
		return nil, damaged(fmt.Errorf("stream at %d has /Length %v", s.start, s.Dict["Length"]))
	}
	if length > MaxDecoded {
		return nil, tooComplex(fmt.Errorf("stream of %d bytes", length))
	}
	if length == 0 {
		return nil, nil
	}
	return f.window(s.start, int(length))
}

func (f *File) unfilter(filter Object, parm Dict, data []byte) ([]byte, error) {
	name, err := f.Name(filter)
	if err != nil {
		return nil, err
	}
	var r io.Reader
	switch name {
	case "FlateDecode", "Fl":
		r = flate.NewReader(bytes.NewReader(data[min(2, len(data)):])) // past the zlib header
	case "ASCIIHexDecode", "AHx":
		l := &lexer{buf: append([]byte("<"), data...), last: true}
		o, err := l.hex()
		if err != nil {
			return nil, damaged(err)
		}
		return o.(String), nil
	case "ASCII85Decode", "A85":
		end := bytes.Index(data, []byte("~>"))
		if end < 0 {
			end = len(data)
		}
		r = ascii85.NewDecoder(bytes.NewReader(data[:end]))
	default:
		return nil, tooComplex(fmt.Errorf("filter %q on a structural stream", name))
	}
	out, err := f.readBounded(r)
	if err != nil {
		return nil, err
	}
	return unpredict(parm, out)
}

// readBounded stops at the limits before memory does. A stream whose check sum
// or end is missing still counts, as it does in viewers.
func (f *File) readBounded(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, MaxDecoded+1))
	if f.decoded += n; n > MaxDecoded || f.decoded > MaxAllDecoded {
		return nil, tooComplex(fmt.Errorf("streams decode to %d bytes and more", f.decoded))
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, damaged(fmt.Errorf("decode stream: %w", err))
	}
	return out.Bytes(), nil
}
