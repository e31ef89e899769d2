package team

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"

	"chancery/problem"
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

// Check says what is wrong with a key that is to be made.
func (k Key) Check(now time.Time) error {
	if !ValidName(k.Name) {
		return problem.Invalid("key_name_missing", "Please say what the key is for, in at most 200 characters.").At("name")
	}
	for i, scope := range k.Scopes {
		if !scope.Valid() {
			return problem.Invalid("scope_unknown", "There is no such scope.").At("scopes[%d]", i)
		}
	}
	if !k.ExpiresAt.IsZero() && !k.ExpiresAt.After(now) {
		return problem.Invalid("key_expiry_past", "A key expires in the future, or never.").At("expires")
	}
	return nil
}

// Good tells whether the key itself opens anything at that moment.
func (k Key) Good(at time.Time) bool {
	return k.Revoked.IsZero() && (k.ExpiresAt.IsZero() || at.Before(k.ExpiresAt))
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

// prefixes tell sandbox keys from production keys, so that nobody pastes one for the other.
var prefixes = map[Kind]string{Sandbox: "ck_test_", Production: "ck_live_"}

// NewKey draws a key. What is shown of it says its kind and its region, such as
// ck_test_eu_…: a deployment that is not the key's own can say which one is.
func NewKey(kind Kind, region string, random io.Reader) (shown string, hash []byte, err error) {
	secret := make([]byte, keyBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", nil, fmt.Errorf("draw api key: %w", err)
	}
	shown = prefixes[kind] + region + "_" + base64.RawURLEncoding.EncodeToString(secret)
	return shown, HashKey(shown), nil
}

// RegionOf is the region that a key names; keys from before there were regions name
// none. The secret may hold the sign that ends the region, so it is counted from the end.
func RegionOf(shown string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(shown, "ck_"), "_")
	end := len(rest) - base64.RawURLEncoding.EncodedLen(keyBytes) - 1
	if end <= 0 || rest[end] != '_' || !strings.HasPrefix(shown, "ck_") {
		return ""
	}
	return rest[:end]
}

// HashKey is how a key is kept and found: SHA-256 of what was shown.
func HashKey(shown string) []byte {
	sum := sha256.Sum256([]byte(shown))
	return sum[:]
}
