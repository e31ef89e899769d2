package verify_test

import (
	"bytes"
	"fmt"
	"strconv"

	"chancery/pades/pdf"
)

// onStructure are attacks on how the file is put together. evil replaces the
// content of the first page, in ways that only some readers notice.
var onStructure = map[string]attack{
	"content comes back under another generation": func(g *forger) []byte {
		num := evil(g)
		g.gens[num] = 1
		return g.done()
	},
	"an open field comes back under another generation": func(g *forger) []byte {
		num, d := g.field("_note")
		d["V"] = pdf.String("x")
		g.gens[num] = 1
		g.put(num, d)
		return g.done()
	},
	"content is freed": func(g *forger) []byte {
		_, page := g.page(0)
		g.freed = append(g.freed, streamOf(g, page["Contents"]))
		return g.done()
	},
	"a page is freed": func(g *forger) []byte {
		num, _ := g.page(1)
		g.freed = append(g.freed, num)
		return g.done()
	},
	"a field is freed": func(g *forger) []byte {
		num, _ := g.field("_note")
		g.freed = append(g.freed, num)
		return g.done()
	},
	"content is exchanged by an entry": func(g *forger) []byte {
		_, first := g.page(0)
		_, second := g.page(1)
		return redirected(g, streamOf(g, first["Contents"]), streamOf(g, second["Contents"]))
	},
	"a field points to its older version": func(g *forger) []byte {
		num, _ := g.field("_name")
		at := bytes.Index(g.file, fmt.Appendf(nil, "\n%d 0 obj", num)) + 1
		if at == where(g.file, num) {
			return nil
		}
		g.entries[num] = fmt.Sprintf("%010d 00000 n \n", at)
		g.put(unused(g), pdf.Dict{})
		return g.done()
	},
	"an entry points beyond the end": func(g *forger) []byte {
		_, page := g.page(0)
		g.entries[streamOf(g, page["Contents"])] = fmt.Sprintf("%010d 00000 n \n", len(g.file)+1_000_000)
		g.put(unused(g), pdf.Dict{})
		return g.done()
	},
	"an entry points into another object": func(g *forger) []byte {
		num, d := g.field("_note")
		d["V"] = pdf.String("1 0 obj null endobj")
		g.put(num, d)
		_, page := g.page(0)
		g.entries[streamOf(g, page["Contents"])] = fmt.Sprintf("%010d 00000 n \n", len(g.file)+3)
		return g.done()
	},
	"an update leaves out a revision": func(g *forger) []byte {
		g.put(unused(g), pdf.Dict{})
		return behindBack(g, 1)
	},
	"an update leaves out all signatures": func(g *forger) []byte {
		g.put(unused(g), pdf.Dict{})
		return behindBack(g, 99)
	},
	"an update has a second table": func(g *forger) []byte {
		num := evil(g)
		at := len(g.file)
		g.trailer["XRefStm"] = at
		line := []byte{1, byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at), 0, 0}
		o := g.objects[num]
		delete(g.objects, num)
		g.order = g.order[1:]
		own := g.next
		g.next++
		var b []byte
		b = pdf.AppendIndirect(b, ref(own), &pdf.Stream{Dict: pdf.Dict{
			"Type": pdf.Name("XRef"), "W": pdf.Array{1, 4, 2}, "Index": pdf.Array{num, 1}, "Size": g.next, "Root": g.f.Trailer["Root"],
		}, Data: line})
		offset := at + len(b)
		copy(line[1:5], []byte{byte(offset >> 24), byte(offset >> 16), byte(offset >> 8), byte(offset)})
		b = b[:0]
		b = pdf.AppendIndirect(b, ref(own), &pdf.Stream{Dict: pdf.Dict{
			"Type": pdf.Name("XRef"), "W": pdf.Array{1, 4, 2}, "Index": pdf.Array{num, 1}, "Size": g.next, "Root": g.f.Trailer["Root"],
		}, Data: line})
		g.hidden = pdf.AppendIndirect(b, ref(num), o)
		g.put(unused(g), pdf.Dict{})
		g.stream = false
		return g.done()
	},
	"an object stands beside its listed version": func(g *forger) []byte {
		num, d := g.field("_note")
		d["V"] = pdf.String("x")
		g.put(num, d)
		d = d.Clone()
		d["Rect"] = pdf.Array{0, 0, 500, 500}
		g.hidden = pdf.AppendIndirect(nil, ref(num), d)
		return g.done()
	},
	"content stands in an update that does not list it": func(g *forger) []byte {
		_, page := g.page(0)
		g.hidden = pdf.AppendIndirect(nil, ref(streamOf(g, page["Contents"])), text("BT (Eve) Tj ET"))
		g.put(unused(g), pdf.Dict{})
		return g.done()
	},
	"rubbish stands in an update": func(g *forger) []byte {
		g.hidden = []byte("trailer << /Root 17 0 R >>\n")
		g.put(unused(g), pdf.Dict{})
		return g.done()
	},
	"objects follow the end": func(g *forger) []byte {
		_, page := g.page(0)
		return pdf.AppendIndirect(bytes.Clone(g.file), ref(streamOf(g, page["Contents"])), text("BT (Eve) Tj ET"))
	},
	"objects and a trailer follow the end": func(g *forger) []byte {
		_, page := g.page(0)
		out := pdf.AppendIndirect(bytes.Clone(g.file), ref(streamOf(g, page["Contents"])), text("BT (Eve) Tj ET"))
		return pdf.Append(append(out, "trailer\n"...), pdf.Dict{"Root": g.f.Trailer["Root"], "Size": g.next})
	},
	"objects, a trailer and an end follow the end": func(g *forger) []byte {
		_, page := g.page(0)
		out := pdf.AppendIndirect(bytes.Clone(g.file), ref(streamOf(g, page["Contents"])), text("BT (Eve) Tj ET"))
		out = pdf.Append(append(out, "trailer\n"...), pdf.Dict{"Root": g.f.Trailer["Root"], "Size": g.next, "Prev": g.f.StartXref})
		return fmt.Appendf(out, "\nstartxref\n%d\n%%%%EOF\n", g.f.StartXref)
	},
	"a word follows the end":    func(g *forger) []byte { return append(bytes.Clone(g.file), "x"...) },
	"a comment follows the end": func(g *forger) []byte { return append(bytes.Clone(g.file), "% x\n"...) },
	"much white space follows":  func(g *forger) []byte { return append(bytes.Clone(g.file), bytes.Repeat([]byte(" "), 4096)...) },
	"an update ends elsewhere": func(g *forger) []byte {
		g.put(unused(g), pdf.Dict{})
		out := g.done()
		at := bytes.LastIndex(out, []byte("startxref\n")) + len("startxref\n")
		n, _ := strconv.Atoi(string(out[at:bytes.LastIndex(out, []byte("\n%%EOF"))]))
		return fmt.Appendf(out[:at:at], "%d\n%%%%EOF\n", n-7)
	},
	"an update has no end": func(g *forger) []byte {
		evil(g)
		return bytes.TrimSuffix(g.done(), []byte("%%EOF\n"))
	},
	"an object stream takes over objects": func(g *forger) []byte {
		g.packed = true
		num, page := g.page(0)
		page["Contents"] = pdf.Array{}
		g.put(num, page)
		return g.done()
	},
	"the document is suddenly encrypted": func(g *forger) []byte {
		g.trailer["Encrypt"] = g.add(pdf.Dict{"Filter": pdf.Name("Standard")})
		return g.done()
	},
	"a table for a file with streams takes over content": func(g *forger) []byte {
		g.stream = !g.stream
		evil(g)
		return g.done()
	},
	"the hole of a signature becomes larger": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[0 %d %d %d]", n[1]-40, n[2], n[3]) })
	},
	"a signature leaves out what follows": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[0 %d %d %d]", n[1], n[2], n[3]-10) })
	},
	"a signature leaves out the beginning": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[9 %d %d %d]", n[1]-9, n[2], n[3]) })
	},
	"a signature covers itself": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[0 %d %d %d]", n[2], n[2], n[3]) })
	},
	"a signature has four numbers and more": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[0 %d %d %d 0 0]", n[1], n[2], n[3]) })
	},
	"a signature has three numbers": func(g *forger) []byte {
		return inBytes(g, func(n [4]int) string { return fmt.Sprintf("[0 %d %d]", n[1], n[2]) })
	},
	"a signature's second part moves behind an insertion": func(g *forger) []byte {
		m := lastRange(g)
		n := numbers(m, g.file)
		evil := []byte(" 5 0 obj (Eve) endobj ")
		out := bytes.Clone(g.file[:n[2]])
		out = append(out, evil...)
		out = append(out, g.file[n[2]:]...)
		text := fmt.Sprintf("[0 %d %d %d]", n[1], n[2]+len(evil), n[3])
		copy(out[m[0]:], "/ByteRange "+text)
		return out
	},
	"a signature's hole holds more than its container": func(g *forger) []byte {
		n := numbers(lastRange(g), g.file)
		out := bytes.Clone(g.file)
		copy(out[n[2]-9:], "41424344>")
		return out
	},
	"a signature's hole holds no digits": func(g *forger) []byte {
		n := numbers(lastRange(g), g.file)
		out := bytes.Clone(g.file)
		copy(out[n[2]-9:], "   (Eve)>")
		return out
	},
	"a signature is cut out": func(g *forger) []byte {
		n := numbers(lastRange(g), g.file)
		out := bytes.Clone(g.file)
		copy(out[n[1]+1:], bytes.Repeat([]byte("0"), n[2]-n[1]-2))
		return out
	},
	"a byte of the content changes": func(g *forger) []byte {
		out := bytes.Clone(g.file)
		out[bytes.Index(out, []byte("stream"))+12] ^= 1
		return out
	},
	"the last revision is cut off in the middle": func(g *forger) []byte {
		return bytes.Clone(g.file[:len(g.file)-100])
	},
}
