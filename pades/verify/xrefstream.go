package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// readStreamSection reads a cross-reference stream (ISO 32000-2, 7.5.8).
func (f *file) readStreamSection(at int64) (*section, error) {
	o, err := f.objectAt(f.base + at)
	if err != nil {
		return nil, err
	}
	stm, ok := o.value.(*stream)
	if !ok || stm.dict["Type"] != pdf.Object(pdf.Name("XRef")) {
		return nil, damaged(fmt.Errorf("no cross-reference section at %d", at))
	}
	length, ok := stm.dict["Length"].(int64)
	if !ok {
		return nil, damaged(fmt.Errorf("cross-reference stream at %d has /Length %v", at, stm.dict["Length"]))
	}
	data, err := f.decode(stm, length, nil)
	if err != nil {
		return nil, err
	}
	s := &section{at: at, stream: true, self: o.ref.Num, trailer: stm.dict}
	if s.end, err = f.endOf(o, length); err != nil {
		return nil, err
	}
	width, err := columns(stm.dict["W"])
	if err != nil {
		return nil, err
	}
	index, ok := stm.dict["Index"].(pdf.Array)
	if !ok {
		index = pdf.Array{int64(0), stm.dict["Size"]}
	}
	s.runs, err = f.streamRuns(index, width, data)
	return s, err
}

// columns is /W: the widths of the three columns in bytes.
func columns(o pdf.Object) (w [3]int, err error) {
	a, _ := o.(pdf.Array)
	if len(a) != 3 {
		return w, damaged(fmt.Errorf("cross-reference stream has /W %v", o))
	}
	for i := range w {
		n, ok := a[i].(int64)
		if !ok || n < 0 || n > 8 {
			return w, damaged(fmt.Errorf("cross-reference stream has /W %v", a))
		}
		w[i] = int(n)
	}
	if w[1] == 0 {
		return w, damaged(fmt.Errorf("cross-reference stream has /W %v", a))
	}
	return w, nil
}

func (f *file) streamRuns(index pdf.Array, w [3]int, data []byte) ([]run, error) {
	size := w[0] + w[1] + w[2]
	if len(index)/2 > maxEntries/100 {
		return nil, tooComplex(fmt.Errorf("%d cross-reference subsections", len(index)/2))
	}
	var runs []run
	for i := 0; i+1 < len(index); i += 2 {
		start, ok1 := index[i].(int64)
		count, ok2 := index[i+1].(int64)
		if !ok1 || !ok2 || start < 0 || count < 0 || start > maxNumber || count > maxNumber {
			return nil, damaged(fmt.Errorf("cross-reference stream has /Index %v %v", index[i], index[i+1]))
		}
		// Some writers promise one entry more than they give.
		count = min(count, int64(len(data)/size))
		if err := f.count(int(count)); err != nil {
			return nil, err
		}
		r := run{start: int(start), entries: make([]entry, 0, count)}
		for range count {
			e, err := streamEntry(data[:size], w)
			if err != nil {
				return nil, err
			}
			r.entries, data = append(r.entries, e), data[size:]
		}
		runs = append(runs, r)
	}
	return runs, nil
}

func streamEntry(b []byte, w [3]int) (entry, error) {
	kind := uint64(1) // when the column is missing
	if w[0] > 0 {
		kind = bigEndian(b[:w[0]])
	}
	second, third := bigEndian(b[w[0]:w[0]+w[1]]), bigEndian(b[w[0]+w[1]:])
	if kind == 0 {
		return entry{gen: int32(third & 0xffff), kind: free}, nil
	}
	if second > 1<<40 || third > 1<<30 {
		return entry{}, damaged(fmt.Errorf("cross-reference entry %x", b))
	}
	switch {
	case kind == 1 && second == 0: // where the header is
		return entry{gen: int32(third), kind: free}, nil
	case kind == 1:
		return entry{int64(second), int32(third), inUse}, nil
	case kind == 2:
		return entry{int64(second), int32(third), inStream}, nil
	}
	return entry{kind: free}, nil // a kind of the future is null (ISO 32000-2, 7.5.8.3)
}

func bigEndian(b []byte) (n uint64) {
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
