package pdf

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"chancery/problem"
)

const (
	maxWeighed  = 512 << 20 // bytes that all streams weighed may decode to
	maxFilters  = 4         // on one stream
	maxGrowing  = 2         // filters on one stream that make it larger
	maxPixels   = 1 << 30   // of one image: an A0 sheet at 600 dots an inch has half of that
	maxImageDim = 1 << 17   // pixels of a side
)

// growing filters make much out of little.
var growing = []Name{"FlateDecode", "Fl", "LZWDecode", "LZW", "RunLengthDecode", "RL"}

// Weigh decodes a stream into w as far as its filters are known, and keeps
// nothing: the problem is pdf_too_complex when viewers would have to handle more
// than MaxDecoded bytes of it, or an image of absurd size, and pdf_damaged when
// it does not end where it says. What else is wrong with its bytes is none, for
// viewers show what they can.
func (f *File) Weigh(s *Stream, w io.Writer) error {
	filters, err := f.filters(s)
	if err != nil {
		return err
	}
	raw, err := f.Whole(s)
	if err != nil {
		return err
	}
	if s.Dict["Subtype"] == Name("Image") {
		return f.pixels(s.Dict)
	}
	n, err := io.Copy(w, io.LimitReader(decoder(filters, raw), MaxDecoded+1))
	if f.weighed += n; n > MaxDecoded || f.weighed > maxWeighed {
		return tooComplex(fmt.Errorf("the stream at %d decodes to %d bytes and more", s.start, n))
	}
	return onlyTooComplex(err)
}

// filters are the names on a stream, within what may be on one.
func (f *File) filters(s *Stream) ([]Name, error) {
	list, err := f.list(s.Dict["Filter"])
	if err != nil {
		return nil, err
	}
	if len(list) > maxFilters {
		return nil, tooComplex(fmt.Errorf("%d filters on one stream", len(list)))
	}
	names, large := make([]Name, len(list)), 0
	for i, o := range list {
		if names[i], err = f.Name(o); err != nil {
			return nil, err
		}
		if slices.Contains(growing, names[i]) {
			large++
		}
	}
	if large > maxGrowing {
		return nil, tooComplex(fmt.Errorf("filters %v on one stream", names))
	}
	return names, nil
}

func (f *File) pixels(d Dict) error {
	width, _, err := f.Int(d["Width"])
	if err != nil {
		return err
	}
	height, _, err := f.Int(d["Height"])
	if err == nil && (width > maxImageDim || height > maxImageDim || width*height > maxPixels) {
		return tooComplex(fmt.Errorf("image of %d times %d pixels", width, height))
	}
	return err
}

// decoder undoes filters up to the first that it does not know.
func decoder(filters []Name, raw []byte) io.Reader {
	var r io.Reader = bytes.NewReader(raw)
	for _, name := range filters {
		switch name {
		case "FlateDecode", "Fl":
			r = flate.NewReader(&tail{r: r, skip: 2}) // past the zlib header
		case "ASCIIHexDecode", "AHx":
			r = hex.NewDecoder(r)
		case "ASCII85Decode", "A85":
			r = ascii85.NewDecoder(r)
		default:
			return r
		}
	}
	return r
}

// tail reads r without its first bytes.
type tail struct {
	r    io.Reader
	skip int64
}

func (t *tail) Read(p []byte) (int, error) {
	if t.skip > 0 {
		if _, err := io.CopyN(io.Discard, t.r, t.skip); err != nil {
			return 0, err
		}
		t.skip = 0
	}
	return t.r.Read(p)
}

func onlyTooComplex(err error) error {
	var p *problem.Problem
	if errors.As(err, &p) && p.Code == "pdf_too_complex" {
		return err
	}
	return nil
}
