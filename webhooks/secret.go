package webhooks

import (
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"chancery/problem"
)

// Standard Webhooks 1.0, "Signature scheme": a symmetric secret has 24 to 64
// bytes and is written as base64 behind a prefix.
const (
	secretPrefix   = "whsec_"
	minSecretBytes = 24
	maxSecretBytes = 64
	newSecretBytes = 32
)

const (
	// MaxEndpoints of a team: each multiplies what every event costs.
	MaxEndpoints = 20
	// Rolling is how long the old secret stays live beside a new one.
	Rolling = 24 * time.Hour
)

// Secret is the key an endpoint shares with us. It shows itself through Reveal
// alone, so that it cannot slip into a log or an error.
type Secret struct{ key string }

// NewSecret draws a secret of 32 bytes from random.
func NewSecret(random io.Reader) (Secret, error) {
	key := make([]byte, newSecretBytes)
	if _, err := io.ReadFull(random, key); err != nil {
		return Secret{}, fmt.Errorf("draw webhook secret: %w", err)
	}
	return Secret{key: string(key)}, nil
}

// ParseSecret reads whsec_ followed by the base64 of 24 to 64 bytes. Anything else
// is the problem webhook_secret_invalid.
func ParseSecret(text string) (Secret, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	key, err := base64.StdEncoding.Strict().DecodeString(encoded)
	// Decoders skip line breaks; a secret with one would have two spellings.
	if !ok || err != nil || strings.ContainsAny(encoded, "\r\n") ||
		len(key) < minSecretBytes || len(key) > maxSecretBytes {
		return Secret{}, problem.Invalid("webhook_secret_invalid",
			"A webhook secret is whsec_ followed by the base64 form of 24 to 64 bytes.")
	}
	return Secret{key: string(key)}, nil
}

// Reveal returns the secret as its owner and our vault keep it.
func (s Secret) Reveal() string {
	return secretPrefix + base64.StdEncoding.EncodeToString([]byte(s.key))
}

func (s Secret) String() string       { return secretPrefix + "…" }
func (s Secret) GoString() string     { return s.String() }
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
