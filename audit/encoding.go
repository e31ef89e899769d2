package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// Hash is a SHA-256 digest, in hex as text.
type Hash [sha256.Size]byte

// Salt makes a commitment say nothing to whoever guesses what it commits to.
type Salt [16]byte

// Start is where the chain with this id begins, so that the first event of one
// chain cannot be taken for the first of another.
func Start(chain string) Hash {
	var e encoding
	e.text("chancery audit start 1")
	e.text(chain)
	return sha256.Sum256(e)
}

// Leaf is the canonical encoding of the entry's event, with the commitment in
// place of the personal part.
func (e Entry) Leaf() []byte {
	var leaf encoding
	leaf.text("chancery audit event 1")
	leaf.text(e.Chain)
	leaf.number(e.N)
	leaf.number(e.At.UnixMicro())
	leaf.text(e.Kind)
	leaf.text(string(e.Actor.Kind))
	leaf.text(e.Actor.ID)
	leaf.pairs(e.Detail)
	leaf.text(string(e.Commitment[:]))
	return leaf
}

func (e Entry) link() Hash {
	var link encoding
	link.text("chancery audit link 1")
	link.text(string(e.Prev[:]))
	link.text(string(e.Leaf()))
	return sha256.Sum256(link)
}

func commit(salt Salt, p Personal) Hash {
	e := encoding(salt[:])
	e.text("chancery audit personal 1")
	e.text(p.Name)
	e.text(p.Email)
	e.text(p.Address)
	e.text(p.Device)
	e.pairs(p.Detail)
	return sha256.Sum256(e)
}

// encoding is a row of parts, each with its length in front.
type encoding []byte

func (e *encoding) text(s string) {
	*e = binary.BigEndian.AppendUint64(*e, uint64(len(s)))
	*e = append(*e, s...)
}

func (e *encoding) number(n int64) {
	*e = binary.BigEndian.AppendUint64(*e, 8)
	*e = binary.BigEndian.AppendUint64(*e, uint64(n))
}

func (e *encoding) pairs(m map[string]string) {
	e.number(int64(len(m)))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		e.text(key)
		e.text(m[key])
	}
}

func (h Hash) String() string                { return hex.EncodeToString(h[:]) }
func (h Hash) MarshalText() ([]byte, error)  { return hex.AppendEncode(nil, h[:]), nil }
func (h *Hash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

func (s Salt) MarshalText() ([]byte, error)  { return hex.AppendEncode(nil, s[:]), nil }
func (s *Salt) UnmarshalText(b []byte) error { return unhex(s[:], b) }

func unhex(into, digits []byte) error {
	if len(digits) != hex.EncodedLen(len(into)) {
		return fmt.Errorf("want %d hex digits, have %d", hex.EncodedLen(len(into)), len(digits))
	}
	_, err := hex.Decode(into, digits)
	return err
}
