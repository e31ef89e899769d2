package pades

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"chancery/pades/pdf"
)

// maxMetadata is far above what programs write: a few kilobytes, or a picture of
// the first page in them.
const maxMetadata = 4 << 20 // bytes, decoded

// wellFormed tells whether the catalog's /Metadata, if any, is XML that every
// reader understands alike: well-formed, with no entities of its own.
func wellFormed(f *pdf.File, root pdf.Dict) (bool, error) {
	value, err := f.Get(root["Metadata"])
	if err != nil || value == nil {
		return err == nil, err
	}
	s, ok := value.(*pdf.Stream)
	if !ok {
		return false, nil
	}
	text, err := f.Decode(s)
	if err != nil || len(text) > maxMetadata {
		return false, nil // as good as absent: it is left out
	}
	return parses(text), nil
}

func parses(text []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(text))
	elements := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements > 0
		}
		if err != nil {
			return false
		}
		switch token.(type) {
		case xml.Directive: // a document type may define entities
			return false
		case xml.StartElement:
			elements++
		}
	}
}
