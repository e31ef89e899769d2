package verify_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"slices"
	"testing"

	"chancery/pades/pdf"
)

// forger appends an update to a file, by the rules or against them.
type forger struct {
	t    testing.TB
	file []byte
	f    *pdf.File

	objects map[int]pdf.Object // to be written, by number
	order   []int
	gens    map[int]int    // generations other than 0
	freed   []int          // entries that free an object
	entries map[int]string // entries of a table as they are, instead of the true ones
	trailer pdf.Dict       // on top of what an honest update has
	hidden  []byte         // before the section, listed nowhere
	behind  []byte         // after %%EOF
	stream  bool           // write a cross-reference stream
	packed  bool           // put the objects into an object stream
	next    int
}

func newForger(t testing.TB, file []byte) *forger {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return &forger{
		t: t, file: file, f: f, objects: map[int]pdf.Object{}, gens: map[int]int{}, entries: map[int]string{},
		trailer: pdf.Dict{}, stream: f.XrefStream, next: f.NextObject(),
	}
}

func (g *forger) put(num int, o pdf.Object) {
	if _, ok := g.objects[num]; !ok {
		g.order = append(g.order, num)
	}
	g.objects[num] = o
}

func (g *forger) add(o pdf.Object) pdf.Ref {
	g.next++
	g.put(g.next-1, o)
	return pdf.Ref{Num: g.next - 1}
}

// dict is a copy to change; nil when there is none.
func (g *forger) dict(o pdf.Object) pdf.Dict {
	g.t.Helper()
	d, err := g.f.Dict(o)
	if err != nil {
		g.t.Fatal(err)
	}
	if d == nil {
		return nil
	}
	return d.Clone()
}

func (g *forger) array(o pdf.Object) pdf.Array {
	g.t.Helper()
	a, err := g.f.Array(o)
	if err != nil {
		g.t.Fatal(err)
	}
	return slices.Clone(a)
}

func (g *forger) root() (int, pdf.Dict) {
	g.t.Helper()
	ref, d, err := g.f.Root()
	if err != nil {
		g.t.Fatal(err)
	}
	return ref.Num, d.Clone()
}

// page is a page's number and a copy of its dictionary.
func (g *forger) page(i int) (int, pdf.Dict) {
	g.t.Helper()
	pages, err := g.f.Pages()
	if err != nil {
		g.t.Fatal(err)
	}
	return pages[i].Ref.Num, pages[i].Dict.Clone()
}

// form is the number of the form and a copy of its dictionary.
func (g *forger) form() (int, pdf.Dict) {
	_, root := g.root()
	ref, _ := root["AcroForm"].(pdf.Ref)
	return ref.Num, g.dict(ref)
}

// field finds a field by the end of its name.
func (g *forger) field(suffix string) (int, pdf.Dict) {
	_, form := g.form()
	for _, o := range g.array(form["Fields"]) {
		d := g.dict(o)
		if name, _ := d["T"].(pdf.String); bytes.HasSuffix(name, []byte(suffix)) {
			return o.(pdf.Ref).Num, d
		}
	}
	panic(missing{})
}

// missing stops an attack for which the file has no target.
type missing struct{}

func text(s string) *pdf.Stream {
	return &pdf.Stream{Dict: pdf.Dict{}, Data: []byte(s)}
}

func picture(s string) *pdf.Stream {
	return &pdf.Stream{Dict: pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": pdf.Array{0, 0, 500, 500},
	}, Data: []byte(s)}
}

// done writes the update.
func (g *forger) done() []byte {
	out := bytes.Clone(g.file)
	if n := len(out); out[n-1] != '\n' {
		out = append(out, '\n')
	}
	at := map[int]int{}
	if g.packed {
		container := g.next
		g.next++
		at[container] = len(out)
		out = pdf.AppendIndirect(out, pdf.Ref{Num: container}, g.container())
		out = append(out, g.hidden...)
		return g.streamSection(out, at, container)
	}
	for _, num := range g.order {
		at[num] = len(out)
		out = pdf.AppendIndirect(out, pdf.Ref{Num: num, Gen: g.gens[num]}, g.objects[num])
	}
	out = append(out, g.hidden...)
	if g.stream {
		return g.streamSection(out, at, 0)
	}
	return g.tableSection(out, at)
}

func (g *forger) container() *pdf.Stream {
	var index, data []byte
	for _, num := range g.order {
		index = fmt.Appendf(index, "%d %d ", num, len(data))
		data = append(pdf.Append(data, g.objects[num]), '\n')
	}
	return &pdf.Stream{
		Dict: pdf.Dict{"Type": pdf.Name("ObjStm"), "N": len(g.order), "First": len(index)},
		Data: append(index, data...),
	}
}

func (g *forger) end() pdf.Dict {
	d := pdf.Dict{"Size": g.next, "Root": g.f.Trailer["Root"], "Prev": g.f.StartXref, "ID": g.f.Trailer["ID"]}
	if info := g.f.Trailer["Info"]; info != nil {
		d["Info"] = info
	}
	maps.Copy(d, g.trailer)
	maps.DeleteFunc(d, func(_ pdf.Name, o pdf.Object) bool { return o == nil })
	return d
}

func (g *forger) tableSection(out []byte, at map[int]int) []byte {
	lines := map[int]string{}
	for num, offset := range at {
		lines[num] = fmt.Sprintf("%010d %05d n \n", offset, g.gens[num])
	}
	for _, num := range g.freed {
		lines[num] = "0000000000 00001 f \n"
	}
	maps.Copy(lines, g.entries)
	start := len(out)
	out = append(out, "xref\n"...)
	for _, num := range slices.Sorted(maps.Keys(lines)) {
		out = fmt.Appendf(out, "%d 1\n%s", num, lines[num])
	}
	out = append(out, "trailer\n"...)
	out = pdf.Append(out, g.end())
	out = fmt.Appendf(out, "\nstartxref\n%d\n%%%%EOF\n", start)
	return append(out, g.behind...)
}

func (g *forger) streamSection(out []byte, at map[int]int, container int) []byte {
	self := g.next
	g.next++
	start := len(out)
	at[self] = start
	lines := map[int][]byte{}
	for num, offset := range at {
		lines[num] = []byte{1, byte(offset >> 24), byte(offset >> 16), byte(offset >> 8), byte(offset), 0, byte(g.gens[num])}
	}
	for i, num := range g.order {
		if container != 0 {
			lines[num] = []byte{2, byte(container >> 24), byte(container >> 16), byte(container >> 8), byte(container), byte(i >> 8), byte(i)}
		}
	}
	for _, num := range g.freed {
		lines[num] = []byte{0, 0, 0, 0, 0, 0, 1}
	}
	for num, line := range g.entries {
		var offset, gen int
		var kind string
		if _, err := fmt.Sscanf(line, "%d %d %s", &offset, &gen, &kind); err != nil {
			g.t.Fatal(err)
		}
		lines[num] = []byte{1, byte(offset >> 24), byte(offset >> 16), byte(offset >> 8), byte(offset), 0, byte(gen)}
	}
	d := g.end()
	d["Type"], d["W"], d["Size"] = pdf.Name("XRef"), pdf.Array{1, 4, 2}, g.next
	var index pdf.Array
	var data []byte
	for _, num := range slices.Sorted(maps.Keys(lines)) {
		index = append(index, num, 1)
		data = append(data, lines[num]...)
	}
	d["Index"] = index
	out = pdf.AppendIndirect(out, pdf.Ref{Num: self}, &pdf.Stream{Dict: d, Data: data})
	out = fmt.Appendf(out, "startxref\n%d\n%%%%EOF\n", start)
	return append(out, g.behind...)
}

func deflated(data []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(data) // into memory: cannot fail
	w.Close()
	return out.Bytes()
}
