package jail

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"

	"chancery/pades/pdf"
)

// assembled is a file of these objects, numbered from 1, the first its catalog.
func assembled(objects ...string) []byte {
	b := []byte("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}

// with is one page whose catalog and page have these members, and more objects
// from number 4.
func with(catalog, page string, more ...string) []byte {
	return assembled(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]" + page + ">>",
	}, more...)...)
}

func stream(members, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), members, data)
}

func flated(data string, times int) string {
	for range times {
		var b bytes.Buffer
		w, _ := zlib.NewWriterLevel(&b, zlib.BestSpeed)
		_, _ = w.Write([]byte(data))
		_ = w.Close()
		data = b.String()
	}
	return data
}

// large is more than a reader should ever unpack, in bytes.
const large = 80 << 20

func zeros(n int) string { return strings.Repeat("\x00", n) }

// hanging is a file whose only cross-reference is a stream with these members and
// data.
func hanging(members, data string) []byte {
	const head = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
	return fmt.Appendf(nil, "%s9 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n",
		head, stream("/Type/XRef/Root 1 0 R"+members, data), len(head))
}

// numbered repeats a format with its own number and the next, from first.
func numbered(n, first int, format string) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(format, first+i, first+i+1))
	}
	return out
}

// chain of actions, each of which has the next one twice.
func actions(n int) []string {
	return numbered(n, 4, "<</S/GoTo/D[3 0 R/Fit]/Next[%[2]d 0 R %[2]d 0 R]>>")
}

// sections is a file that was saved n times.
func sections(n int) []byte {
	b := with("", "")
	prev := bytes.LastIndex(b, []byte("xref\n0 "))
	for range n {
		at := len(b)
		b = fmt.Appendf(b, "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size 4/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", prev, at)
		prev = at
	}
	return b
}

// bombs are files that cost careless readers their memory, their time or their
// life, by what is in them. Each is made when its turn comes.
func bombs() map[string]func() []byte {
	const mega = 1 << 20
	return map[string]func() []byte{
		"content of 80 MB": func() []byte {
			return with("", "/Contents 4 0 R", stream("/Filter/FlateDecode", flated(zeros(large), 1)))
		},
		"content in content": func() []byte {
			return with("", "/Contents 4 0 R", stream("/Filter[/FlateDecode/FlateDecode]", flated(zeros(large), 2)))
		},
		"forty filters": func() []byte {
			return with("", "/Contents 4 0 R", stream("/Filter["+strings.Repeat("/ASCII85Decode", 40)+"]", "x~>"))
		},
		"filters that grow": func() []byte {
			return with("", "/Contents 4 0 R", stream("/Filter[/LZWDecode/RunLengthDecode/LZWDecode]", "x"))
		},
		"table in 80 MB": func() []byte { return hanging("/Size 10/W[1 2 1]/Filter/FlateDecode", flated(zeros(large), 1)) },
		"table with a predictor": func() []byte {
			return hanging("/Size 10/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 65536/Colors 32/BitsPerComponent 16>>", flated(zeros(60*mega), 1))
		},
		"table with rows of nothing": func() []byte {
			return hanging("/Size 10/W[1 2 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 1>>", flated(zeros(60*mega), 1))
		},
		"table with a huge index": func() []byte {
			return hanging("/Size 10/W[1 2 1]/Index["+strings.Repeat("0 8000000 ", 200_000)+"]", zeros(1000))
		},
		"table with wide columns": func() []byte {
			return hanging("/Size 10/W[8 8 8]/Filter/FlateDecode", flated(strings.Repeat("\xff", 50*mega), 1))
		},
		"table of its own stream": func() []byte { return hanging("/Size 10/W[1 2 1]/Prev 54/XRefStm 54", zeros(40)) },
		"object stream of 80 MB": func() []byte {
			return objectStream("/N 1/First 4/Filter/FlateDecode", flated("4 0 "+strings.Repeat(" ", large), 1))
		},
		"object stream of everything": func() []byte {
			return objectStream("/N 300000/First 10/Filter/FlateDecode", flated(strings.Repeat("4 0 ", 10*mega), 1))
		},
		"object stream in itself": func() []byte { return objectStream("/N 9 0 R/First 4/Extends 5 0 R", "5 0 null") },
		"4 MB of [":               func() []byte { return with("/X "+strings.Repeat("[", 4*mega), "") },
		"4 MB of (":               func() []byte { return with("/X "+strings.Repeat("(", 4*mega), "") },
		"20 MB of one name":       func() []byte { return with("/X/"+strings.Repeat("#41", 7*mega), "") },
		"20 MB of one number":     func() []byte { return with("/X "+strings.Repeat("9", 20*mega), "") },
		"20 MB of a comment":      func() []byte { return with("%"+strings.Repeat("%", 20*mega)+"\n", "") },
		"half a million keys":     func() []byte { return with("/X<<"+strings.Join(numbered(500_000, 1, "/%d %d "), "")+">>", "") },
		"two million numbers":     func() []byte { return with("/X["+strings.Repeat("1 ", 2*mega)+"]", "") },
		"actions of actions": func() []byte {
			return with("/OpenAction 4 0 R", "", append(actions(200), "<</S/JavaScript/JS(x)>>")...)
		},
		"actions in a circle": func() []byte {
			return with("/OpenAction 4 0 R", "", "<</S/JavaScript/JS(x)/Next[4 0 R 5 0 R]>>", "<</S/Launch/Next 4 0 R>>")
		},
		"references to references": func() []byte {
			return with("/OpenAction 4 0 R", "", append(numbered(100_000, 4, "%[2]d 0 R"), "null")...)
		},
		"pages below themselves": func() []byte { return assembled("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]>>") },
		"pages at great depth": func() []byte {
			return assembled(append([]string{"<</Type/Catalog/Pages 2 0 R>>"}, numbered(100_000, 2, "<</Type/Pages/Kids[%[2]d 0 R]>>")...)...)
		},
		"one page 200 000 times": func() []byte {
			return assembled("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids["+strings.Repeat("3 0 R ", 200_000)+"]>>", "<</Type/Page/MediaBox[0 0 9 9]>>")
		},
		"annotations of annotations": func() []byte {
			return with("", "/Annots 4 0 R", append(numbered(200, 4, "[%[2]d 0 R %[2]d 0 R]"), "<</Subtype/Text/F 2/Rect[0 0 1 1]/Popup 4 0 R>>")...)
		},
		"outlines in a circle": func() []byte {
			return with("/Outlines 4 0 R", "", "<</First 5 0 R/Last 5 0 R>>", "<</Title(a)/Next 5 0 R/Prev 5 0 R/Parent 4 0 R/First 4 0 R>>")
		},
		"names below themselves": func() []byte { return with("/Names<</Dests 4 0 R/JavaScript 4 0 R>>", "", "<</Kids[4 0 R 4 0 R]>>") },
		"fields of fields": func() []byte {
			return with("/AcroForm<</Fields[4 0 R 4 0 R]>>", "", append(numbered(200, 4, "<</FT/Sig/T(a)/Kids[%[2]d 0 R %[2]d 0 R]>>"), "null")...)
		},
		"layers of layers": func() []byte {
			return with("/OCProperties<</OCGs[4 0 R]/D<</OFF["+strings.Repeat("4 0 R ", 200_000)+"]/Order 5 0 R>>>>", "", "<</Type/OCG/Name(a)>>", "[5 0 R 5 0 R]")
		},
		"metadata that laughs": func() []byte { return with("/Metadata 4 0 R", "", stream("/Type/Metadata", laughter())) },
		"metadata of 80 MB": func() []byte {
			return with("/Metadata 4 0 R", "", stream("/Type/Metadata/Filter/FlateDecode", flated(strings.Repeat("<a>", large/3), 1)))
		},
		"an image of a continent": func() []byte {
			return with("", "/Resources<</XObject<</I 4 0 R>>>>", stream("/Subtype/Image/Width 2000000000/Height 2000000000/Filter/JBIG2Decode", "\x00\x00\x00\x01"))
		},
		"an image of JPEG 2000": func() []byte {
			return with("", "/Resources<</XObject<</I 4 0 R>>>>", stream("/Subtype/Image/Width 9/Height 9/Filter/JPXDecode", "\xff\x4f\xff\x51\x00\x2f\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"))
		},
		"a length that needs itself": func() []byte { return with("", "/Contents 4 0 R", "<</Length 4 0 R>>\nstream\nx\nendstream") },
		"saved nine hundred times":   func() []byte { return sections(900) },
		"saved ten thousand times":   func() []byte { return sections(10_000) },
		"encryption of nothing": func() []byte {
			return bytes.Replace(with("", ""), []byte("/Root 1 0 R"), []byte("/Encrypt 1 0 R/Root 1 0 R"), 1)
		},
		"a box without end": func() []byte {
			return with("", "/CropBox[-1e38 0 1e38 99999999999999999999]/Rotate 2147483647/UserUnit -1")
		},
		"other files in every stream": func() []byte { return with("", "/Contents 4 0 R", stream("/F(\\\\\\\\evil\\\\share)", "x")) },
		"more objects than anybody needs": func() []byte {
			return assembled(append([]string{"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>", "<</Type/Pages/Kids[3 0 R]>>", "<</Type/Page/MediaBox[0 0 9 9]>>", "null"}, numbered(pdf.MaxObjects, 5, "[%[2]d 0 R]")...)...)
		},
	}
}

func laughter() string {
	text := `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">`
	for i := range 30 {
		text += fmt.Sprintf(`<!ENTITY a%d "&a%d;&a%d;&a%d;">`, i+1, i, i, i)
	}
	return text + "]><a>&a30;</a>"
}

// objectStream is a file whose pages live in a stream of objects, which has these
// members and data.
func objectStream(members, data string) []byte {
	b := []byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 4 0 R>>\nendobj\n")
	at := len(b)
	b = fmt.Appendf(b, "5 0 obj\n%s\nendobj\n", stream("/Type/ObjStm"+members, data))
	start := len(b)
	var table []byte
	for _, e := range [][4]int{{0, 0, 0, 0}, {1, 0, 9, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {2, 0, 5, 0}, {1, at >> 8, at & 255, 0}} {
		table = append(table, byte(e[0]), byte(e[1]), byte(e[2]), byte(e[3]))
	}
	return fmt.Appendf(b, "6 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n", stream("/Type/XRef/Root 1 0 R/Size 6/W[1 2 1]", string(table)), start)
}
