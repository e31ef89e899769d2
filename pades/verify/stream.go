package verify

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"errors"
	"fmt"
	"io"

	"chancery/pades/pdf"
)

// length is the number of bytes that the stream has in the file.
func (v view) length(s *stream) (int64, error) {
	o, err := v.get(s.dict["Length"])
	if err != nil {
		return 0, err
	}
	n, ok := number(o)
	if !ok || n < 0 || n > v.size-s.at {
		return 0, damaged(fmt.Errorf("stream at %d has /Length %v", s.at, o))
	}
	return n, nil
}

// raw returns the bytes of a stream as they stand in the file.
func (f *file) raw(s *stream, length int64) ([]byte, error) {
	if length < 0 || length > f.size-s.at {
		return nil, damaged(fmt.Errorf("stream at %d has /Length %d", s.at, length))
	}
	if length > maxStream {
		return nil, tooComplex(fmt.Errorf("stream of %d bytes", length))
	}
	if length == 0 {
		return nil, nil
	}
	return f.window(s.at, int(length))
}

// decode undoes the filters of a cross-reference or object stream; others are
// never decoded. resolve may be nil where references are not allowed.
func (f *file) decode(s *stream, length int64, resolve func(pdf.Object) (pdf.Object, error)) ([]byte, error) {
	data, err := f.raw(s, length)
	if err != nil {
		return nil, err
	}
	filters, err := list(s.dict["Filter"], resolve)
	if err != nil {
		return nil, err
	}
	parms, err := list(s.dict["DecodeParms"], resolve)
	if err != nil {
		return nil, err
	}
	if len(filters) > maxFilters {
		return nil, tooComplex(fmt.Errorf("%d filters on one stream", len(filters)))
	}
	for i, filter := range filters {
		var parm pdf.Dict
		if i < len(parms) {
			parm, _ = parms[i].(pdf.Dict)
		}
		if data, err = f.unfilter(filter, parm, data); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// list reads one object or an array of them.
func list(o pdf.Object, resolve func(pdf.Object) (pdf.Object, error)) (pdf.Array, error) {
	follow := func(o pdf.Object) (pdf.Object, error) {
		if _, ok := o.(pdf.Ref); ok && resolve != nil {
			return resolve(o)
		}
		return o, nil
	}
	o, err := follow(o)
	if err != nil || o == nil {
		return nil, err
	}
	a, ok := o.(pdf.Array)
	if !ok {
		return pdf.Array{o}, nil
	}
	out := make(pdf.Array, len(a))
	for i := range a {
		if out[i], err = follow(a[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (f *file) unfilter(filter pdf.Object, parm pdf.Dict, data []byte) ([]byte, error) {
	var r io.Reader
	name, _ := filter.(pdf.Name)
	switch name {
	case "FlateDecode", "Fl":
		r = flate.NewReader(bytes.NewReader(data[min(2, len(data)):])) // past the zlib header
	case "ASCIIHexDecode", "AHx":
		o, err := pdf.NewLexer(append(append([]byte("<"), data...), '>'), true).Object()
		s, ok := o.(pdf.String)
		if err != nil || !ok {
			return nil, damaged(fmt.Errorf("decode hexadecimal stream: %w", err))
		}
		return s, nil
	case "ASCII85Decode", "A85":
		end := bytes.Index(data, []byte("~>"))
		if end < 0 {
			end = len(data)
		}
		r = ascii85.NewDecoder(bytes.NewReader(data[:end]))
	default:
		return nil, damaged(fmt.Errorf("filter %q on a structural stream", name))
	}
	out, err := f.bounded(r)
	if err != nil {
		return nil, err
	}
	return unpredict(parm, out)
}

// bounded stops at the limits before memory does. A stream whose check sum or
// end is missing still counts, as it does in viewers.
func (f *file) bounded(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, maxUnpacked+1))
	if f.decoded += n; n > maxUnpacked || f.decoded > maxDecoded {
		return nil, tooComplex(fmt.Errorf("streams decode to %d bytes and more", f.decoded))
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, damaged(fmt.Errorf("decode stream: %w", err))
	}
	return out.Bytes(), nil
}
