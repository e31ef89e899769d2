package trust

import (
	"sync"
	"time"
)

// Limits of what is kept in memory.
const (
	maxKept      = 10 * time.Minute // even if a list is in force for longer
	maxKeptBytes = 64 << 20
	maxKeptItems = 256
)

// shelf keeps lists while they are in force.
type shelf struct {
	mu    sync.Mutex
	items map[string]item
	size  int
}

type item struct {
	der   []byte
	until time.Time
}

func (s *shelf) get(key string, now time.Time) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.items[key]
	return found.der, ok && now.Before(found.until)
}

// put clears the whole shelf when it is full: what is still wanted comes back.
func (s *shelf) put(key string, der []byte, now, until time.Time) {
	if most := now.Add(maxKept); until.After(most) {
		until = most
	}
	if !until.After(now) {
		return // without an end of its own it is fetched every time
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.size+len(der) > maxKeptBytes || len(s.items) >= maxKeptItems {
		s.items, s.size = map[string]item{}, 0
	}
	s.size += len(der) - len(s.items[key].der)
	s.items[key] = item{der, until}
}
