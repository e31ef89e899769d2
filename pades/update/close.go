package update

import (
	"encoding"
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// Close writes the cross-reference section and computes what is to be signed.
func (u *Update) Close() (*Closed, error) {
	if u.hole.To == 0 {
		return nil, fmt.Errorf("close update after %d bytes: it has no signature", u.state.Size)
	}
	before := u.state
	after := u.end()
	u.fillByteRange()
	h, err := before.Digest()
	if err != nil {
		return nil, err
	}
	h.Write(u.buf[:u.hole.From])
	h.Write(u.buf[u.hole.To:])
	return &Closed{Bytes: u.buf, Digest: h.Sum(nil), Before: before, After: after, Hole: u.hole}, nil
}

// End closes an update without a signature.
func (u *Update) End() ([]byte, State, error) {
	if u.hole.To != 0 {
		return nil, State{}, fmt.Errorf("end update after %d bytes: its signature is missing", u.state.Size)
	}
	before := u.state
	after := u.end()
	var err error
	after.Hash, err = before.hashOver(u.buf)
	return u.buf, after, err
}

// end writes the cross-reference section and says where the file ends then.
func (u *Update) end() State {
	size := u.state.Size
	start := size - u.state.Base + int64(len(u.buf))
	if u.state.XrefStream {
		u.xrefStream()
	} else {
		u.xrefTable()
	}
	u.buf = fmt.Appendf(u.buf, "startxref\n%d\n%%%%EOF\n", start)
	after := u.state
	after.StartXref, after.Size, after.OpenLine = start, size+int64(len(u.buf)), false
	return after
}

// hashOver is the hash state after more bytes.
func (s State) hashOver(more []byte) ([]byte, error) {
	h, err := s.Digest()
	if err != nil {
		return nil, err
	}
	h.Write(more)
	return h.(encoding.BinaryMarshaler).MarshalBinary()
}

func (u *Update) trailer() pdf.Dict {
	d := pdf.Dict{
		"Size": u.state.NextObject,
		"Root": u.state.Root,
		"Prev": u.state.StartXref,
		"ID":   pdf.Array{pdf.String(u.state.ID[0]), pdf.String(u.state.ID[1])},
	}
	if u.state.Info != nil {
		d["Info"] = *u.state.Info
	}
	return d
}

// sorted lists the written objects by number.
func (u *Update) sorted() []pdf.Ref {
	refs := make([]pdf.Ref, 0, len(u.entries))
	for ref := range u.entries {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b pdf.Ref) int { return a.Num - b.Num })
	return refs
}

// runs splits refs where numbers do not follow each other.
func runs(refs []pdf.Ref) [][]pdf.Ref {
	var out [][]pdf.Ref
	for i, ref := range refs {
		if i == 0 || ref.Num != refs[i-1].Num+1 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], ref)
	}
	return out
}

func (u *Update) xrefTable() {
	u.buf = append(u.buf, "xref\n"...)
	for _, run := range runs(u.sorted()) {
		u.buf = fmt.Appendf(u.buf, "%d %d\n", run[0].Num, len(run))
		for _, ref := range run {
			u.buf = fmt.Appendf(u.buf, "%010d %05d n \n", u.entries[ref], ref.Gen)
		}
	}
	u.buf = append(u.buf, "trailer\n"...)
	u.buf = pdf.Append(u.buf, u.trailer())
	u.buf = append(u.buf, '\n')
}

// xrefStream lists itself too. Columns: kind, offset (5 bytes), generation.
func (u *Update) xrefStream() {
	self := u.Reserve()
	u.begin(self)
	d := u.trailer()
	d["Type"], d["W"] = pdf.Name("XRef"), pdf.Array{1, 5, 2}
	var index pdf.Array
	var data []byte
	for _, run := range runs(u.sorted()) {
		index = append(index, run[0].Num, len(run))
		for _, ref := range run {
			at := u.entries[ref]
			data = append(data, 1, byte(at>>32), byte(at>>24), byte(at>>16), byte(at>>8), byte(at), byte(ref.Gen>>8), byte(ref.Gen))
		}
	}
	d["Index"] = index
	u.buf = pdf.AppendIndirect(u.buf, self, &pdf.Stream{Dict: d, Data: data})
}
