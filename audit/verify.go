package audit

import (
	"fmt"
	"iter"
	"time"
)

// Break says where a chain stops being evidence, and why. N is the number that
// the first faulty event should have.
type Break struct {
	Chain string
	N     int64
	Why   string
}

func (b *Break) Error() string {
	return fmt.Sprintf("audit chain %s breaks at event %d: %s", b.Chain, b.N, b.Why)
}

// Verify walks the chain from its first entry and returns the head it reaches,
// Start(chain) when there are no entries. A chain cut short is intact as far as
// it goes: compare the head with the one that was kept. The error is a *Break,
// or what the iterator gave.
func Verify(chain string, entries iter.Seq2[Entry, error]) (Hash, error) {
	head, n := Start(chain), int64(1)
	for entry, err := range entries {
		if err != nil {
			return Hash{}, fmt.Errorf("read event %d of audit chain %s: %w", n, chain, err)
		}
		if why := entry.flaw(chain, n, head); why != "" {
			return Hash{}, &Break{Chain: chain, N: n, Why: why}
		}
		head, n = entry.Hash, n+1
	}
	return head, nil
}

// Entries lets Verify walk a chain that is in memory.
func Entries(entries []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, entry := range entries {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// flaw tells in words what is wrong with the entry at place n after head.
func (e Entry) flaw(chain string, n int64, head Hash) string {
	switch {
	case e.Chain != chain:
		return fmt.Sprintf("it belongs to chain %q", e.Chain)
	case e.N != n:
		return fmt.Sprintf("its number is %d", e.N)
	case e.Prev != head:
		return "it does not follow the event before it"
	case !e.At.Equal(e.At.Truncate(time.Microsecond)):
		return "its time is finer than a microsecond" // the hash would not see the rest
	case e.Personal == nil && e.Salt != Salt{}:
		return "its personal part was erased, but its salt was kept"
	case e.Personal != nil && commit(e.Salt, *e.Personal) != e.Commitment:
		return "its personal part is not the one that was recorded"
	case e.link() != e.Hash:
		return "it is not what was recorded"
	}
	return ""
}
