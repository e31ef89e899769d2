package paper

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"

	"chancery/pades/font"
	"chancery/pades/pdf"
)

// writer numbers objects from 1 and remembers where they stand.
type writer struct {
	buf     []byte
	offsets []int
}

func (w *writer) reserve() pdf.Ref {
	w.offsets = append(w.offsets, 0)
	return pdf.Ref{Num: len(w.offsets)}
}

func (w *writer) put(ref pdf.Ref, o pdf.Object) {
	w.offsets[ref.Num-1] = len(w.buf)
	w.buf = pdf.AppendIndirect(w.buf, ref, o)
}

func (w *writer) add(o pdf.Object) pdf.Ref {
	ref := w.reserve()
	w.put(ref, o)
	return ref
}

func newWriter() *writer { return &writer{buf: []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")} }

// Bytes finishes the document, once, and is its file: PDF 1.7 with one cross-reference table of one
// section, the shape that gives signing and Acrobat the least to complain about.
func (d *Document) Bytes() []byte {
	w := d.writer
	resources, tree := w.reserve(), w.reserve()
	var kids pdf.Array
	for i, content := range d.pages {
		kids = append(kids, w.add(pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": tree, "MediaBox": box(), "Resources": resources,
			"Contents": w.add(deflated(d.footed(content, i))),
		}))
	}
	w.put(resources, d.letters.Resources())
	d.letters.Put(w.put)
	w.put(tree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": len(kids)})
	root := w.add(pdf.Dict{
		"Type": pdf.Name("Catalog"), "Pages": tree, "Lang": pdf.Text("en"),
		"ViewerPreferences": pdf.Dict{"DisplayDocTitle": true},
	})
	info := w.add(pdf.Dict{
		"Title": pdf.Text(d.title), "Producer": pdf.Text("Chancery"),
		"CreationDate": pdf.String(d.created.UTC().Format("D:20060102150405Z")),
	})
	return w.close(root, info)
}

// footed adds the page number and the note to a page.
func (d *Document) footed(content []byte, page int) []byte {
	out := bytes.Clone(content)
	number := fmt.Sprintf("Page %d of %d", page+1, len(d.pages))
	right := font.Regular.Line(number)
	x := margin + column - right.Width(footSize)
	out = append(out, "0.4 g\n"...)
	out = d.letters.Draw(out, right, footSize, x, foot-18)
	left := font.Regular.Line(d.margin)
	return d.letters.Draw(out, left, left.Fit(x-margin-10, 4, footSize), margin, foot-18)
}

func deflated(content []byte) *pdf.Stream {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(content) // into memory: cannot fail
	z.Close()
	return &pdf.Stream{Dict: pdf.Dict{"Filter": pdf.Name("FlateDecode")}, Data: out.Bytes()}
}

func (w *writer) close(root, info pdf.Ref) []byte {
	id := sha256.Sum256(w.buf)
	start := len(w.buf)
	w.buf = fmt.Appendf(w.buf, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, at := range w.offsets {
		w.buf = fmt.Appendf(w.buf, "%010d 00000 n \n", at)
	}
	w.buf = append(w.buf, "trailer\n"...)
	w.buf = pdf.Append(w.buf, pdf.Dict{
		"Size": len(w.offsets) + 1, "Root": root, "Info": info,
		"ID": pdf.Array{pdf.String(id[:16]), pdf.String(id[:16])},
	})
	return fmt.Appendf(w.buf, "\nstartxref\n%d\n%%%%EOF\n", start)
}
