package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"chancery/problem"
)

// Cost is how much work it is to try one password.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// DefaultCost is the second choice of RFC 9106 §4, for machines that do not have
// 2 GiB to spare for every sign-in: a tenth of a second on two cores.
var DefaultCost = Cost{Memory: 64 << 10, Passes: 3, Lanes: 4}

const (
	saltBytes = 16 // RFC 9106 §3.1
	hashBytes = 32

	// hashingAtOnce keeps two cores busy; more would only share them and the memory.
	hashingAtOnce = 2
	// hashingWaits is how many people wait for their turn; the next is asked to come
	// again, so that a flood of guesses cannot keep everybody waiting for minutes.
	hashingWaits = 30
)

// ErrBusy is the answer when too many sign in at once.
var ErrBusy = problem.Away("busy", "Many people are signing in at the moment. Please try again in a few seconds.")

// Hasher hashes passwords with argon2id, a few at a time.
type Hasher struct {
	cost    Cost
	running chan struct{}
	waiting chan struct{}
	nobody  string // a hash of nothing that anybody knows
}

// NewHasher makes a hasher; passwords that were hashed at another cost still verify.
func NewHasher(cost Cost) *Hasher {
	h := &Hasher{cost: cost, running: make(chan struct{}, hashingAtOnce), waiting: make(chan struct{}, hashingAtOnce+hashingWaits)}
	h.nobody = h.hash(NewToken())
	return h
}

// Hash returns what is kept of a password, in PHC form.
func (h *Hasher) Hash(ctx context.Context, password string) (hashed string, err error) {
	err = h.turn(ctx, func() { hashed = h.hash(password) })
	return hashed, err
}

// Verify compares a password with what was kept of it. A hash that is kept of nobody
// ("") takes as long and never fits. Stale is one of another cost: hash it anew.
func (h *Hasher) Verify(ctx context.Context, kept, password string) (fits, stale bool, err error) {
	there := kept != ""
	if !there {
		kept = h.nobody
	}
	cost, salt, want, err := parsePHC(kept)
	if err != nil {
		return false, false, err
	}
	err = h.turn(ctx, func() {
		got := argon2.IDKey([]byte(normal(password)), salt, cost.Passes, cost.Memory, cost.Lanes, uint32(len(want)))
		fits = subtle.ConstantTimeCompare(got, want) == 1 && there
	})
	return fits, cost != h.cost, err
}

// turn waits until one of the few places is free.
func (h *Hasher) turn(ctx context.Context, work func()) error {
	select {
	case h.waiting <- struct{}{}:
	default:
		return ErrBusy
	}
	defer func() { <-h.waiting }()
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-h.running }()
	work()
	return nil
}

func (h *Hasher) hash(password string) string {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(normal(password)), salt, h.cost.Passes, h.cost.Memory, h.cost.Lanes, hashBytes)
	plain := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.Memory, h.cost.Passes, h.cost.Lanes,
		plain.EncodeToString(salt), plain.EncodeToString(sum))
}

var errHash = errors.New("read password hash: it is not argon2id in PHC form")

func parsePHC(kept string) (cost Cost, salt, sum []byte, err error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &cost.Memory, &cost.Passes, &cost.Lanes); err != nil {
		return cost, nil, nil, errHash
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		sum, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || cost.Passes == 0 || cost.Lanes == 0 || len(sum) == 0 {
		return cost, nil, nil, errHash
	}
	return cost, salt, sum, nil
}
