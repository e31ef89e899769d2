package verify

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"chancery/pades/pdf"
)

// metadata is the one stream that may be written over: XMP that is well-formed,
// says what it is, and is nothing else as well.
func (t *transition) metadata(num int, is pdf.Object) error {
	if t.uses.of(num) > 1 {
		t.reject(t.about(num, Metadata, "The document's metadata were changed, and something else uses them, too."))
		return nil
	}
	old, err := t.before.load(num)
	if err != nil {
		return err
	}
	if s, ok := old.(*stream); !ok || s.dict["Subtype"] != pdf.Object(pdf.Name("XML")) {
		t.reject(t.about(num, Object, "An object of the document was replaced."))
		return nil
	}
	return t.newMetadata(num, is)
}

func (t *transition) newMetadata(num int, o pdf.Object) error {
	o, err := t.after.get(o)
	if err != nil {
		return err
	}
	if s, ok := o.(*stream); ok && t.wellFormed(s) {
		t.allow(Change{Kind: Metadata, Object: num, Sentence: "The document's title, author or dates were changed."})
	} else {
		t.reject(Change{Kind: Metadata, Object: num, Sentence: "The document's metadata were replaced by something that is none."})
	}
	return t.err
}

// maxMetadata is how much XMP anybody could want.
const maxMetadata = 4 << 20

func (t *transition) wellFormed(s *stream) bool {
	if s.dict["Type"] != pdf.Object(pdf.Name("Metadata")) || s.dict["Subtype"] != pdf.Object(pdf.Name("XML")) {
		return false
	}
	n, err := t.after.length(s)
	if err != nil || n > maxMetadata {
		return false
	}
	data, err := t.after.decode(s, n, t.after.get)
	if fatal(err) {
		t.err = err
	}
	return err == nil && wellFormedXML(data)
}

// wellFormedXML wants elements without a document type, so without entities.
func wellFormedXML(data []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimRight(data, "\x00 \r\n\t")))
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
		case xml.Directive:
			return false
		case xml.StartElement:
			elements++
		}
	}
}
