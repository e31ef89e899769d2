package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// container is a decoded object stream (ISO 32000-2, 7.5.7) and what it lists.
type container struct {
	data    []byte
	numbers []int
	starts  []int
	at      map[int]int // index by number, -1 for one that is listed twice; made when needed
}

// keptContainers is how many decoded object streams stay in memory.
const keptContainers = 16

// compressed reads object num from the object stream and index of e.
func (v view) compressed(e entry, num int) (object, error) {
	home := v.entry(int(e.at))
	if home.kind != inUse { // an object stream inside an object stream is forbidden
		return object{}, damaged(fmt.Errorf("object %d is in object stream %d, which is not there", num, e.at))
	}
	// A place no offset of an object can have: negative.
	place := -(home.at<<21 | int64(e.gen&(1<<21-1))) - 1
	if o, ok := v.objects[place]; ok && o.ref.Num == num {
		return o, nil
	}
	if err := v.spend(); err != nil {
		return object{}, err
	}
	c, err := v.container(home.at, int(e.at))
	if err != nil {
		return object{}, err
	}
	start, size, ok := c.find(num, int(e.gen))
	if !ok {
		return object{}, damaged(fmt.Errorf("object stream %d lacks object %d", e.at, num))
	}
	l := pdf.NewLexer(c.data, true)
	l.Seek(start)
	value, err := l.Object()
	if err != nil {
		if !isProblem(err) {
			err = damaged(fmt.Errorf("object %d in object stream %d: %w", num, e.at, err))
		}
		return object{}, err
	}
	o := object{ref: pdf.Ref{Num: num}, value: value}
	v.keep(place, o, int64(size))
	return o, nil
}

// find prefers the index of the entry, and takes a wrong one for a mistake: the
// number counts (ISO 32000-2, 7.5.8.3), when the stream has it once.
func (c *container) find(num, index int) (start, size int, ok bool) {
	if index >= len(c.numbers) || c.numbers[index] != num {
		index = -1
		for i, n := range c.numbers {
			if n == num && index >= 0 {
				return 0, 0, false
			} else if n == num {
				index = i
			}
		}
	}
	if index < 0 {
		return 0, 0, false
	}
	end := len(c.data)
	if index+1 < len(c.starts) && c.starts[index+1] >= c.starts[index] {
		end = c.starts[index+1]
	}
	return c.starts[index], end - c.starts[index], true
}

// unique tells whether the stream lists an object at the index and nowhere else.
func (c *container) unique(num, index int) bool {
	if c.at == nil {
		c.at = make(map[int]int, len(c.numbers))
		for i, n := range c.numbers {
			if _, twice := c.at[n]; twice {
				c.at[n] = -1
			} else {
				c.at[n] = i
			}
		}
	}
	at, ok := c.at[num]
	return ok && at == index
}

func (v view) container(at int64, num int) (*container, error) {
	if c := v.containers[at]; c != nil {
		return c, nil
	}
	o, err := v.objectAt(v.base + at)
	if err != nil {
		return nil, err
	}
	s, ok := o.value.(*stream)
	if !ok || o.ref.Num != num || s.dict["Type"] != pdf.Object(pdf.Name("ObjStm")) {
		return nil, damaged(fmt.Errorf("object %d is no object stream", num))
	}
	c, err := v.openContainer(s)
	if err != nil {
		return nil, fmt.Errorf("open object stream %d: %w", num, err)
	}
	if len(v.containers) >= keptContainers {
		clear(v.containers)
	}
	v.containers[at] = c
	return c, nil
}

func (v view) openContainer(s *stream) (*container, error) {
	count, err1 := v.get(s.dict["N"])
	first, err2 := v.get(s.dict["First"])
	length, err3 := v.length(s)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, err
		}
	}
	n, ok1 := count.(int64)
	from, ok2 := first.(int64)
	if !ok1 || !ok2 || n < 0 || from < 0 {
		return nil, damaged(fmt.Errorf("/N %v /First %v", count, first))
	}
	if n > maxInStream {
		return nil, tooComplex(fmt.Errorf("%d objects in one stream", n))
	}
	data, err := v.decode(s, length, v.get)
	if err != nil {
		return nil, err
	}
	c := &container{data: data}
	l := pdf.NewLexer(data, true)
	for range n {
		num, start, err := pair(l)
		if err != nil || from+start > int64(len(data)) {
			return nil, damaged(fmt.Errorf("index of an object stream: %v", err))
		}
		c.numbers, c.starts = append(c.numbers, int(num)), append(c.starts, int(from+start))
	}
	return c, nil
}

func pair(l *pdf.Lexer) (a, b int64, err error) {
	for _, into := range []*int64{&a, &b} {
		word, err := l.Word()
		if err != nil {
			return 0, 0, err
		}
		n, ok := digits(word)
		if !ok || n > 1<<31 {
			return 0, 0, fmt.Errorf("%.20q is no number", word)
		}
		*into = n
	}
	return a, b, nil
}
