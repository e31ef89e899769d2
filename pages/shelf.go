package pages

import "container/list"

// shelf keeps values up to a number of bytes and forgets the least recently used first.
type shelf struct {
	room  int64
	used  int64
	order *list.List // most recently used in front
	index map[string]*list.Element
}

type item struct {
	name  string
	value any
	size  int64
}

func newShelf(room int64) *shelf {
	return &shelf{room: room, order: list.New(), index: map[string]*list.Element{}}
}

func (s *shelf) get(name string) (any, bool) {
	at, ok := s.index[name]
	if !ok {
		return nil, false
	}
	s.order.MoveToFront(at)
	return at.Value.(item).value, true
}

// put keeps the value unless it would fill the shelf alone.
func (s *shelf) put(name string, value any, size int64) {
	if _, ok := s.index[name]; ok || size > s.room {
		return
	}
	s.index[name] = s.order.PushFront(item{name, value, size})
	s.used += size
	for s.used > s.room {
		s.forget(s.order.Back())
	}
}

func (s *shelf) forget(at *list.Element) {
	old := s.order.Remove(at).(item)
	delete(s.index, old.name)
	s.used -= old.size
}
