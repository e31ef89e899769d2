package verify

import (
	"errors"
	"fmt"

	"chancery/pades/pdf"
)

// stream is a dictionary and where its bytes start in the file.
type stream struct {
	dict pdf.Dict
	at   int64 // absolute
}

// object is an indirect object as it stands in the file.
type object struct {
	ref      pdf.Ref
	value    pdf.Object
	from, to int64                 // absolute, to the end of the value
	spans    map[pdf.Name][2]int64 // absolute, of the values of its dictionary
}

// objectAt reads "n g obj value" at the absolute position from.
func (f *file) objectAt(from int64) (object, error) {
	if o, ok := f.objects[from]; ok {
		return o, nil
	}
	if err := f.spend(); err != nil {
		return object{}, err
	}
	var o object
	err := f.lex(from, func(l *pdf.Lexer) (err error) {
		o, err = readObject(l, from)
		return err
	})
	if err != nil {
		return object{}, err
	}
	f.keep(from, o, o.to-o.from)
	return o, nil
}

// spend counts the objects parsed, and looks whether we should stop.
func (f *file) spend() error {
	if f.parsed++; f.parsed > maxParsed {
		return tooComplex(fmt.Errorf("%d objects parsed", f.parsed))
	}
	if f.parsed%256 == 0 {
		return f.ctx.Err()
	}
	return nil
}

// keep remembers a parsed object; size is that of its source.
func (f *file) keep(place int64, o object, size int64) {
	if f.cachedBytes += size + 64; f.cachedBytes > maxCachedBytes {
		clear(f.objects)
		f.cachedBytes = size + 64
	}
	f.objects[place] = o
}

func readObject(l *pdf.Lexer, from int64) (object, error) {
	ref, err := readHeader(l)
	if err != nil {
		return object{}, err
	}
	spans := l.NoteSpans()
	value, err := l.Object()
	if err != nil {
		return object{}, err
	}
	o := object{ref: ref, value: value, from: from, to: from + int64(l.Pos())}
	d, ok := value.(pdf.Dict)
	if !ok {
		return o, nil
	}
	if d["Contents"] != nil || d["ByteRange"] != nil { // who else asks where values lie?
		o.spans = make(map[pdf.Name][2]int64, len(spans))
		for key, s := range spans {
			o.spans[key] = [2]int64{from + int64(s[0]), from + int64(s[1])}
		}
	}
	return o, readStream(l, &o, d)
}

func readHeader(l *pdf.Lexer) (pdf.Ref, error) {
	var words [3]string
	for i := range words {
		var err error
		if words[i], err = l.Word(); err != nil {
			return pdf.Ref{}, err
		}
	}
	num, ok1 := digits(words[0])
	gen, ok2 := digits(words[1])
	if !ok1 || !ok2 || words[2] != "obj" || num > maxNumber || gen > 65535 {
		return pdf.Ref{}, fmt.Errorf("no object starts here")
	}
	return pdf.Ref{Num: int(num), Gen: int(gen)}, nil
}

// readStream turns the dictionary into a stream when "stream" follows it.
func readStream(l *pdf.Lexer, o *object, d pdf.Dict) error {
	word, err := l.Word()
	if err != nil || word != "stream" {
		if errors.Is(err, pdf.ErrShort) {
			return err
		}
		return nil
	}
	at, err := l.LineEnd()
	o.value = &stream{dict: d, at: o.from + int64(at)}
	return err
}

// endOf is where the object ends, behind its "endobj". length is that of its
// stream.
func (f *file) endOf(o object, length int64) (int64, error) {
	pos, want := o.to, []string{"endobj"}
	if s, ok := o.value.(*stream); ok {
		if length < 0 || length > f.size-s.at {
			return 0, damaged(fmt.Errorf("stream at %d has %d bytes", s.at, length))
		}
		pos, want = s.at+length, []string{"endstream", "endobj"}
	}
	end := pos
	err := f.lex(pos, func(l *pdf.Lexer) error {
		for _, w := range want {
			word, err := l.Word()
			if err != nil {
				return err
			}
			if word != w {
				return fmt.Errorf("object %v ends in %.20q instead of %s", o.ref, word, w)
			}
		}
		end = pos + int64(l.Pos())
		return nil
	})
	return end, err
}
