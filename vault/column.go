package vault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// Column seals small values: database columns, secrets, workflow payloads. It
// is safe for concurrent use and never calls the KEK after NewColumn.
//
// The overhead is 33 bytes a value: key id 5, nonce 12, tag 16. Nonces are
// random, so one key is good for 2³² values (NIST SP 800-38D §8.3); RotateColumn
// adds the next one.
type Column struct {
	keys        *ring
	fingerprint []byte
}

func columnPlace() []byte { return place("column keys", "") }

// NewColumn opens the column keys that kek wrapped before, or makes a first one
// when wrapped is nil. The caller keeps the returned bytes and hands them in
// next time; whoever stores them must let the first one win.
func NewColumn(ctx context.Context, kek KEK, wrapped []byte) (*Column, []byte, error) {
	if wrapped == nil {
		first, err := kek.Wrap(ctx, newKey(), columnPlace())
		if err != nil {
			return nil, nil, fmt.Errorf("wrap column key under %s: %w", kek.ID(), err)
		}
		wrapped = first
	}
	roots, err := kek.Unwrap(ctx, wrapped, columnPlace())
	if err != nil {
		return nil, nil, fmt.Errorf("unwrap column keys: %w", err)
	}
	split := slices.Collect(slices.Chunk(roots, keySize))
	keys, err := newRing(split)
	if err != nil {
		return nil, nil, fmt.Errorf("read column keys: %w", err)
	}
	// Fingerprints must stay equal over rotations, so they stay with the first key.
	return &Column{keys: keys, fingerprint: derive(split[0], "chancery vault fingerprint", keySize)}, wrapped, nil
}

// RotateColumn returns the column keys with a new one that seals from now on,
// wrapped under the KEK's newest key. Older values still open, and fingerprints
// do not change. Processes that still hold the older keys cannot open what the
// new one seals, so all of them must start anew.
func RotateColumn(ctx context.Context, kek KEK, wrapped []byte) ([]byte, error) {
	roots, err := kek.Unwrap(ctx, wrapped, columnPlace())
	if err != nil {
		return nil, fmt.Errorf("unwrap column keys: %w", err)
	}
	rotated, err := kek.Wrap(ctx, append(roots, newKey()...), columnPlace())
	if err != nil {
		return nil, fmt.Errorf("wrap column keys under %s: %w", kek.ID(), err)
	}
	return rotated, nil
}

// Seal encrypts plain for the place that ad names, best made by Cell.
func (c *Column) Seal(plain, ad []byte) ([]byte, error) {
	sealed, err := c.keys.seal(plain, ad)
	if err != nil {
		return nil, fmt.Errorf("seal value: %w", err)
	}
	return sealed, nil
}

// Open returns what was sealed for ad; anything else is ErrDamaged, or
// ErrUnknownKey when another hub's or a later key sealed it.
func (c *Column) Open(sealed, ad []byte) ([]byte, error) {
	plain, err := c.keys.open(sealed, ad)
	if err != nil {
		return nil, fmt.Errorf("open value: %w", err)
	}
	return plain, nil
}

// Cell names the one place where a sealed value belongs, so that it does not
// open in another row. The names of table and column hold no "/".
func Cell(table, column, row string) []byte {
	return []byte(table + "/" + column + "/" + row)
}

// Fingerprint is 32 bytes by which equal values can be found without their
// clear text: HMAC-SHA-256 under a derived key. The same value has another
// fingerprint for another purpose. Bring values into one form first (lower-case
// an email address): a fingerprint knows only equal and not equal.
func (c *Column) Fingerprint(purpose string, value []byte) []byte {
	mac := hmac.New(sha256.New, c.fingerprint)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(purpose))))
	mac.Write([]byte(purpose))
	mac.Write(value)
	return mac.Sum(nil)
}
