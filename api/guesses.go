package api

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"chancery/rate"
)

// wrongKeys is how many wrong keys an address may show: a program that was given an
// old key shows it as often as it calls, and finds out at the first time.
var wrongKeys = rate.Limit{Name: "wrong keys", Calls: 20, Per: time.Minute}

const (
	// goodFor is how long a key that was right is let in from the same address, however
	// many wrong ones come from there: behind it may be a whole company.
	goodFor = time.Hour
	// maxGood is how many of those are kept in mind, some hundred bytes each.
	maxGood = 10_000
)

// guesses slows down who tries keys. It counts failures alone, by this process; what
// is right costs nobody anything.
type guesses struct {
	now    func() time.Time
	failed *rate.MemoryWindow
	mu     sync.Mutex
	good   map[string]time.Time // until when, by the digest of address and credential
}

func newGuesses(now func() time.Time) *guesses {
	return &guesses{now: now, failed: rate.NewMemoryWindow(now), good: map[string]time.Time{}}
}

// tooMany tells whether so many failures came from the address that nobody new is
// looked up any more.
func (g *guesses) tooMany(address string, said credential) bool {
	if g.failed.Look(network(address), wrongKeys).Allowed {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.now().Before(g.good[mark(address, said)])
}

func (g *guesses) wrong(ctx context.Context, address string) {
	g.failed.Take(ctx, network(address), wrongKeys)
}

func (g *guesses) right(address string, said credential) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.good) >= maxGood {
		clear(g.good) // within the next calls the busy ones are back
	}
	g.good[mark(address, said)] = g.now().Add(goodFor)
}

// wait is how long it takes until one more may be wrong.
func (g *guesses) wait(address string) time.Duration {
	return g.failed.Look(network(address), wrongKeys).Reset
}

// mark keeps no credential in memory.
func mark(address string, said credential) string {
	return string(digest(network(address), said.user, said.key))
}

// ownedBits is how much of an IPv6 address its owner does not choose (RFC 4291 §2.5.4).
const ownedBits = 64

// network is whom an address belongs to.
func network(address string) string {
	parsed, err := netip.ParseAddr(address)
	if err != nil || parsed.Unmap().Is4() {
		return address
	}
	owned, err := parsed.Prefix(ownedBits)
	if err != nil {
		return address
	}
	return owned.String()
}
