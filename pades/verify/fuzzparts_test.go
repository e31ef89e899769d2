package verify

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"chancery/pades/pdf"
)

// FuzzSection reads any bytes as a cross-reference section at their beginning.
func FuzzSection(f *testing.F) {
	f.Add([]byte("xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"))
	f.Add([]byte("xref\n0 1\n0 65535 f\n1 1 9 0 n\ntrailer <</XRefStm 5>>"))
	f.Add([]byte("7 0 obj\n<</Type/XRef/W[1 1 1]/Index[0 2]/Size 2/Length 6>>\nstream\n\x00\x00\x00\x01\x09\x00\nendstream endobj"))
	f.Fuzz(func(t *testing.T, data []byte) {
		head := []byte("%PDF-1.7\n")
		r := bytes.NewReader(append(head, data...))
		x := &file{ctx: context.Background(), r: r, size: r.Size(), objects: map[int64]object{}, containers: map[int64]*container{}}
		s, err := x.readSection(int64(len(head)))
		if err == nil && s.trailer == nil {
			t.Error("a section without a trailer")
		}
	})
}

// FuzzObjectStream opens any bytes as an object stream.
func FuzzObjectStream(f *testing.F) {
	f.Add(2, 8, []byte("1 0 2 5 <</A 1>> [1 2]"))
	f.Add(1<<30, -1, []byte("1 99999999999"))
	f.Fuzz(func(t *testing.T, n, first int, data []byte) {
		whole := fmt.Appendf(nil, "%%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N %d/First %d/Length %d>>\nstream\n", n, first, len(data))
		whole = append(append(whole, data...), "\nendstream\nendobj\n"...)
		r := bytes.NewReader(whole)
		x := &file{ctx: context.Background(), r: r, size: r.Size(), objects: map[int64]object{}, containers: map[int64]*container{}}
		x.revisions = []revision{{sections: []*section{{trailer: pdf.Dict{}, runs: []run{{start: 1, entries: []entry{{at: 9, kind: inUse}, {at: 1, kind: inStream}}}}}}}}
		o, err := view{x, 0}.load(2)
		if err != nil && o != nil {
			t.Error("an object and an error")
		}
	})
}
