package pdf

import "fmt"

// readXrefStream reads a cross-reference stream (ISO 32000-2, 7.5.8) at the
// absolute position at.
func (f *File) readXrefStream(at int64) (Dict, error) {
	in, err := f.indirectAt(at)
	if err != nil {
		return nil, err
	}
	s, ok := in.value.(*Stream)
	if !ok || s.Dict["Type"] != Name("XRef") {
		return nil, damaged(fmt.Errorf("no cross-reference section at %d", at))
	}
	data, err := f.Decode(s)
	if err != nil {
		return nil, err
	}
	width, err := columns(s.Dict["W"])
	if err != nil {
		return nil, err
	}
	index, ok := s.Dict["Index"].(Array)
	if !ok {
		index = Array{int64(0), s.Dict["Size"]}
	}
	return s.Dict, f.addSections(index, width, data)
}

func columns(o Object) (w [3]int, err error) {
	a, _ := o.(Array)
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

func (f *File) addSections(index Array, width [3]int, data []byte) error {
	size := width[0] + width[1] + width[2]
	for i := 0; i+1 < len(index); i += 2 {
		start, ok1 := index[i].(int64)
		count, ok2 := index[i+1].(int64)
		if !ok1 || !ok2 || start < 0 || count < 0 || start > maxObjectNumber || count > maxObjectNumber {
			return damaged(fmt.Errorf("cross-reference stream has /Index %v %v", index[i], index[i+1]))
		}
		// Some writers promise one entry more than they give.
		count = min(count, int64(len(data)/size))
		n := int(count) * size
		f.sections = append(f.sections, section{start: int(start), count: int(count), width: width, data: data[:n]})
		data = data[n:]
	}
	return nil
}
