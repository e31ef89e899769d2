package team

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"time"
)

// Key speaks for a team. The key itself is shown once and never stored.
type Key struct {
	ID        string
	Team      string
	User      string // whose key it is; "" was made by the operator
	Name      string
	Scopes    []Scope // what it may be used for; none is everything
	CreatedAt time.Time
	ExpiresAt time.Time // zero is never
	LastUsed  time.Time // true to the minute
	Revoked   time.Time // zero while the key is good
}

// Bearer is who speaks by a key, and what they may do.
type Bearer struct {
	Team  Team
	Key   Key
	Actor Actor
}

// keyBytes of randomness make guessing hopeless, so that an unsalted, fast hash
// of the key is as safe to keep as a slow one.
const keyBytes = 32

// NewKey draws a key. What is shown tells sandbox keys (ck_test_…) from
// production keys (ck_live_…), so that nobody pastes one for the other.
func NewKey(kind Kind, random io.Reader) (shown string, hash []byte, err error) {
	secret := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("draw api key: %w", err)
	}
	prefix := "ck_live_"
	if kind == Sandbox {
		prefix = "ck_test_"
	}
	shown = prefix + base64.RawURLEncoding.EncodeToString(secret)
	return shown, HashKey(shown), nil
}

// HashKey is how a key is kept and found: SHA-256 of what was shown.
func HashKey(shown string) []byte {
	sum := sha256.Sum256([]byte(shown))
	return sum[:]
}
