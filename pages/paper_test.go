package pages_test

import (
	"bytes"
	"fmt"
)

// paper writes a small PDF: one page of A4 for every content stream, turned by
// rotate degrees, with a square annotation in the middle of the first.
func paper(rotate int, contents ...string) []byte {
	var out bytes.Buffer
	var at []int
	object := func(format string, args ...any) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(at)}, args...)...)
	}
	out.WriteString("%PDF-1.7\n")
	kids := ""
	for i := range contents {
		kids += fmt.Sprintf("%d 0 R ", 6+2*i)
	}
	object("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>")
	object("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(contents))
	object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
	object("<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/Rect[200 300 400 500]/F 4/AP<</N 5 0 R>>>>")
	stamp := "1 0 0 rg 0 0 200 200 re f"
	object("<</Type/XObject/Subtype/Form/BBox[0 0 200 200]/Length %d>>stream\n%s\nendstream", len(stamp), stamp)
	for i, content := range contents {
		annotations := ""
		if i == 0 {
			annotations = "/Annots[4 0 R]"
		}
		object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate %d%s/Resources<</Font<</F 3 0 R>>/ExtGState<</Half<</ca .5>>>>>>/Contents %d 0 R>>", rotate, annotations, 7+2*i)
		object("<</Length %d>>stream\n%s\nendstream", len(content), content)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return out.Bytes()
}

const hello = "BT /F 12 Tf 72 770 Td (This agreement is made today.) Tj 0 -40 Td (Second line) Tj ET"
