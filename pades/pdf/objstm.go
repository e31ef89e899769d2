package pdf

import "fmt"

// objectStream is a decoded object stream (ISO 32000-2, 7.5.7) and where its
// objects start.
type objectStream struct {
	data   []byte
	starts map[int]int
}

// maxObjStms is how many decoded object streams are kept.
const maxObjStms = 16

func (f *File) fromObjectStream(container, num int) (Object, error) {
	stm, err := f.objectStream(container)
	if err != nil {
		return nil, fmt.Errorf("load object %d from object stream %d: %w", num, container, err)
	}
	start, ok := stm.starts[num]
	if !ok {
		return nil, damaged(fmt.Errorf("object stream %d lacks object %d", container, num))
	}
	l := &lexer{buf: stm.data, pos: start, last: true}
	o, err := l.object()
	if err != nil && !isProblem(err) {
		err = damaged(fmt.Errorf("object %d in object stream %d: %w", num, container, err))
	}
	return o, err
}

func (f *File) objectStream(num int) (*objectStream, error) {
	if stm := f.objStms[num]; stm != nil {
		return stm, nil
	}
	e, err := f.lookup(num)
	if err != nil {
		return nil, err
	}
	if e.kind != entryInUse { // an object stream inside an object stream is forbidden
		return nil, damaged(fmt.Errorf("no such object stream"))
	}
	o, err := f.Load(Ref{Num: num})
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok || s.Dict["Type"] != Name("ObjStm") {
		return nil, damaged(fmt.Errorf("no object stream"))
	}
	stm, err := f.openObjectStream(s)
	if err != nil {
		return nil, err
	}
	if len(f.objStms) >= maxObjStms {
		clear(f.objStms)
	}
	f.objStms[num] = stm
	return stm, nil
}

func (f *File) openObjectStream(s *Stream) (*objectStream, error) {
	count, ok1, err1 := f.Int(s.Dict["N"])
	first, ok2, err2 := f.Int(s.Dict["First"])
	if err := orElse(err1, err2); err != nil {
		return nil, err
	}
	if !ok1 || !ok2 || count < 0 || first < 0 {
		return nil, damaged(fmt.Errorf("/N %v /First %v", s.Dict["N"], s.Dict["First"]))
	}
	if count > MaxObjects {
		return nil, tooComplex(fmt.Errorf("%d objects in one stream", count))
	}
	data, err := f.Decode(s)
	if err != nil {
		return nil, err
	}
	stm := &objectStream{data: data, starts: make(map[int]int, min(count, 4096))}
	l := &lexer{buf: data, last: true}
	for range count {
		num, start, err := l.pair()
		if err != nil || first+start > int64(len(data)) {
			return nil, damaged(fmt.Errorf("index of an object stream: %v", err))
		}
		stm.starts[int(num)] = int(first + start)
	}
	return stm, nil
}

func (l *lexer) pair() (a, b int64, err error) {
	for _, into := range []*int64{&a, &b} {
		word, err := l.nextRegular()
		if err != nil {
			return 0, 0, err
		}
		o, err := realNumber(word)
		n, ok := o.(int64)
		if err != nil || !ok || n < 0 || n > 1<<31 {
			return 0, 0, fmt.Errorf("%.20q is no number", word)
		}
		*into = n
	}
	return a, b, nil
}
