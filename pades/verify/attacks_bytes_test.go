package verify_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"

	"chancery/pades/pdf"
)

// evil puts another content under the number of the first page's.
func evil(g *forger) int {
	_, page := g.page(0)
	num := streamOf(g, page["Contents"])
	g.put(num, text("BT (Pay Eve.) Tj ET"))
	return num
}

func unused(g *forger) int {
	g.next++
	return g.next - 1
}

// redirected lets the entry of one object point to another's place; streams of
// one kind have the same shape but for their number.
func redirected(g *forger, num, other int) []byte {
	at := where(g.file, other)
	if at == 0 {
		return nil
	}
	g.entries[num] = fmt.Sprintf("%010d 00000 n \n", at)
	g.put(unused(g), pdf.Dict{})
	return g.done()
}

// behindBack lets /Prev name a section some revisions older than the newest.
func behindBack(g *forger, steps int) []byte {
	var sections []int
	for _, m := range regexp.MustCompile(`startxref\n(\d+)`).FindAllSubmatch(g.file, -1) {
		at, _ := strconv.Atoi(string(m[1]))
		sections = append(sections, at)
	}
	g.trailer["Prev"] = sections[max(0, len(sections)-1-steps)]
	return g.done()
}

var byteRange = regexp.MustCompile(`/ByteRange \[(\d+) (\d+) (\d+) (\d+)\] *`)

// lastRange is where the newest /ByteRange stands; attackers may search for it.
func lastRange(g *forger) []int {
	all := byteRange.FindAllSubmatchIndex(g.file, -1)
	return all[len(all)-1]
}

func numbers(m []int, file []byte) (n [4]int) {
	for i := range n {
		n[i], _ = strconv.Atoi(string(file[m[2+2*i]:m[3+2*i]]))
	}
	return n
}

// inBytes writes another /ByteRange over the newest one.
func inBytes(g *forger, change func([4]int) string) []byte {
	m := lastRange(g)
	other := change(numbers(m, g.file))
	if len(other) > m[1]-m[0]-len("/ByteRange ") {
		g.t.Fatalf("%s has no room", other)
	}
	out := bytes.Clone(g.file)
	copy(out[m[0]+len("/ByteRange "):m[1]], bytes.Repeat([]byte(" "), m[1]-m[0]))
	copy(out[m[0]+len("/ByteRange "):], other)
	return out
}
