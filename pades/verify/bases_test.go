package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"testing"

	"chancery/pades/pdf"
)

// rich is a document of the kind that attacks are prepared in: it has a form, a
// link, layers, an outline, metadata, a picture over the text, a second catalog
// and page tree that nothing shows, and a reference to an object that is not there.
func rich() []byte {
	objects := []pdf.Object{
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(2), "AcroForm": ref(10), "Metadata": ref(13), "Outlines": ref(14),
			"OCProperties": pdf.Dict{"OCGs": pdf.Array{ref(15)}, "D": pdf.Dict{"Order": pdf.Array{ref(15)}}}},
		pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(3), ref(4)}, "Count": 2, "MediaBox": pdf.Array{0, 0, 595, 842}},
		pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "Contents": ref(5), "Annots": ref(9),
			"Resources": pdf.Dict{"Font": pdf.Dict{"F": ref(7)}, "XObject": pdf.Dict{"Over": ref(8), "Later": ref(40)}}},
		pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "Contents": pdf.Array{ref(6)},
			"Resources": pdf.Dict{"Font": pdf.Dict{"F": ref(7)}}, "Annots": pdf.Array{}},
		text("BT /F 12 Tf 72 700 Td (Pay 100 to Ann.) Tj ET /Over Do"), // 5
		text("BT /F 12 Tf 72 700 Td (Second page.) Tj ET"),
		pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica")},
		picture("1 g 72 690 200 20 re f"), // 8
		pdf.Array{ref(11), ref(12)},
		pdf.Dict{"Fields": pdf.Array{ref(11)}, "DA": pdf.String("/F 0 Tf 0 g"), "DR": pdf.Dict{"Font": pdf.Dict{"F": ref(7)}}}, // 10
		pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Tx"), "T": pdf.String("old"), "P": ref(3),
			"Rect": pdf.Array{72, 600, 272, 620}, "F": 4, "V": pdf.String("as it was"), "DA": pdf.String("/F 12 Tf 0 g"), "AP": pdf.Dict{"N": ref(16)}},
		pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Link"), "Rect": pdf.Array{72, 500, 272, 520}, "Border": pdf.Array{0, 0, 0},
			"Dest": pdf.Array{ref(4), pdf.Name("Fit")}},
		&pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Data: []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/"/>`)},
		pdf.Dict{"Type": pdf.Name("Outlines"), "Count": 0},
		pdf.Dict{"Type": pdf.Name("OCG"), "Name": pdf.String("Layer")}, // 15
		picture("BT /F 12 Tf (as it was) Tj ET"),
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(18)}, // the shadow
		pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(19)}, "Count": 1},
		pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(18), "MediaBox": pdf.Array{0, 0, 595, 842}, "Contents": ref(20), "Resources": pdf.Dict{}},
		text("BT (Pay 900 to Eve.) Tj ET"), // 20
		pdf.Dict{"Title": pdf.String("Rich"), "Producer": pdf.String("test")},
	}
	return written(objects, pdf.Dict{"Info": ref(21)})
}

// crowded is a page with many objects that nothing needs.
func crowded(n int) []byte {
	objects := []pdf.Object{
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(2)},
		pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(3)}, "Count": 1},
		pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "MediaBox": pdf.Array{0, 0, 595, 842}, "Resources": pdf.Dict{}},
	}
	for i := range n {
		objects = append(objects, pdf.Dict{"Type": pdf.Name("Thing"), "Next": ref(4 + (i+1)%n), "Rect": pdf.Array{0, 0, i, i}, "Name": pdf.String("nothing")})
	}
	return written(objects, nil)
}

// written numbers the objects from 1 on; the first is the catalog.
func written(objects []pdf.Object, trailer pdf.Dict) []byte {
	out := []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	at := make([]int, len(objects)+1)
	for i, o := range objects {
		at[i+1] = len(out)
		out = pdf.AppendIndirect(out, ref(i+1), o)
	}
	start := len(out)
	out = fmt.Appendf(out, "xref\n0 %d\n0000000000 65535 f \n", len(at))
	for _, offset := range at[1:] {
		out = fmt.Appendf(out, "%010d 00000 n \n", offset)
	}
	end := pdf.Dict{"Size": len(at), "Root": ref(1), "ID": pdf.Array{pdf.String("one"), pdf.String("one")}}
	maps.Copy(end, trailer)
	out = append(out, "trailer\n"...)
	out = pdf.Append(out, end)
	return fmt.Appendf(out, "\nstartxref\n%d\n%%%%EOF\n", start)
}

func ref(num int) pdf.Ref { return pdf.Ref{Num: num} }

// compressed is the same document with its objects in an object stream and a
// cross-reference stream, as newer programs write it.
func compressed(t testing.TB, file []byte) []byte {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	g := &forger{t: t, file: []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"), f: f, objects: map[int]pdf.Object{}, gens: map[int]int{},
		entries: map[int]string{}, trailer: pdf.Dict{"Prev": nil}, next: f.NextObject()}
	out, at := bytes.Clone(g.file), map[int]int{}
	for num := 1; num < f.NextObject(); num++ {
		o, err := f.Load(ref(num))
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := o.(*pdf.Stream); ok {
			data, err := f.Raw(s)
			if err != nil {
				t.Fatal(err)
			}
			at[num] = len(out)
			out = pdf.AppendIndirect(out, ref(num), &pdf.Stream{Dict: s.Dict, Data: data})
		} else if o != nil {
			g.put(num, o)
		}
	}
	container := g.next
	g.next++
	at[container] = len(out)
	out = pdf.AppendIndirect(out, ref(container), g.container())
	return g.streamSection(out, at, container)
}
