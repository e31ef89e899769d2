package font

import (
	"encoding/binary"
	"math/bits"
	"slices"

	gotext "github.com/go-text/typesetting/font"
)

// assemble makes a TrueType file with the tables that PDF asks for (ISO 32000-2,
// 9.9.1): no names and no character map, since the codes in the text are glyph
// numbers.
func (q *quadratic) assemble(glyphs []gotext.GID, glyf []byte, loca []uint32) []byte {
	long := len(glyf) > 2*0xffff
	count := uint16(len(glyphs))
	head, hhea, maxp := slices.Clone(q.head[:headLength]), slices.Clone(q.hhea[:hheaLength]), slices.Clone(q.maxp[:32])
	binary.BigEndian.PutUint32(head[8:], 0) // the sum of the whole, filled in below
	binary.BigEndian.PutUint16(head[50:], 0)
	if long {
		binary.BigEndian.PutUint16(head[50:], 1)
	}
	binary.BigEndian.PutUint16(hhea[34:], count)
	binary.BigEndian.PutUint16(maxp[4:], count)
	binary.BigEndian.PutUint16(maxp[26:], 0) // longest instructions
	var hmtx, locaTable []byte
	for _, g := range glyphs {
		hmtx = append(hmtx, q.metric(g)...)
	}
	for _, at := range loca {
		if long {
			locaTable = binary.BigEndian.AppendUint32(locaTable, at)
		} else {
			locaTable = binary.BigEndian.AppendUint16(locaTable, uint16(at/2))
		}
	}
	return fontFile(0x00010000, []table{
		{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", locaTable}, {"maxp", maxp},
	})
}

// metric is the glyph's width and left side, four bytes.
func (q *quadratic) metric(g gotext.GID) []byte {
	if int(g) >= q.glyphs {
		return make([]byte, 4)
	}
	if int(g) < q.metrics {
		return q.hmtx[4*g : 4*g+4]
	}
	width := q.hmtx[4*(q.metrics-1) : 4*(q.metrics-1)+2]
	side := q.hmtx[4*q.metrics+2*(int(g)-q.metrics):]
	return []byte{width[0], width[1], side[0], side[1]}
}

type table struct {
	name string // four letters; tables are given in the order of their names
	data []byte
}

// fontFile writes the directory and the tables (OpenType, the font file).
func fontFile(version uint32, tables []table) []byte {
	const directory, entry = 12, 16
	n := len(tables)
	power := bits.Len(uint(n)) - 1
	b := binary.BigEndian.AppendUint32(nil, version)
	for _, v := range []int{n, 16 << power, power, 16*n - 16<<power} {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	at, head := directory+entry*n, 0
	for _, t := range tables {
		b = append(b, t.name...)
		b = binary.BigEndian.AppendUint32(b, sum(t.data))
		b = binary.BigEndian.AppendUint32(b, uint32(at))
		b = binary.BigEndian.AppendUint32(b, uint32(len(t.data)))
		if t.name == "head" {
			head = at
		}
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		b = append(b, t.data...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	binary.BigEndian.PutUint32(b[head+8:], 0xB1B0AFBA-sum(b))
	return b
}

// sum adds up words of four bytes, as if zeros followed.
func sum(data []byte) (total uint32) {
	for ; len(data) >= 4; data = data[4:] {
		total += binary.BigEndian.Uint32(data)
	}
	var last [4]byte
	copy(last[:], data)
	return total + binary.BigEndian.Uint32(last[:])
}
