package pki

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// Reason is why a certificate was revoked (RFC 5280, 5.3.1).
type Reason int

// The reasons that there are for an organisation's certificates.
const (
	Unspecified        Reason = 0
	KeyCompromise      Reason = 1
	CACompromise       Reason = 2
	AffiliationChanged Reason = 3
	Superseded         Reason = 4
	Cessation          Reason = 5
)

var reasonWords = map[string]Reason{
	"unspecified": Unspecified, "key-compromise": KeyCompromise, "ca-compromise": CACompromise,
	"affiliation-changed": AffiliationChanged, "superseded": Superseded, "cessation-of-operation": Cessation,
}

// ReasonOf reads a reason as a person writes it, such as key-compromise.
func ReasonOf(word string) (Reason, error) {
	reason, ok := reasonWords[word]
	if !ok {
		return 0, fmt.Errorf("read reason: there is no reason %q", word)
	}
	return reason, nil
}

func (r Reason) String() string {
	for word, reason := range reasonWords {
		if reason == r {
			return word
		}
	}
	return fmt.Sprintf("reason %d", int(r))
}

// Revocation says that a certificate is not to be trusted from a time on.
type Revocation struct {
	Issuer string   // KeyID of the CA that issued it
	Serial *big.Int // of the certificate
	At     time.Time
	Reason Reason
}

// Register is where revocations and the numbers of CRLs are kept. A revocation
// is for ever, and the first one of a certificate stands.
type Register interface {
	Revocations(ctx context.Context) ([]Revocation, error)
	Revoke(ctx context.Context, r Revocation) error
	// NextCRL returns a number that is larger than any before for that CA, and at
	// least the seconds since 1970: so CRLs made elsewhere are not larger for long.
	NextCRL(ctx context.Context, issuer string, now time.Time) (*big.Int, error)
}

// mark finds a revocation among many.
func mark(issuer *x509.Certificate, serial *big.Int) string {
	return KeyID(issuer) + "/" + serial.Text(16)
}

// NewRegister keeps revocations in memory.
func NewRegister() Register { return &memory{numbers: map[string]int64{}} }

type memory struct {
	mu      sync.Mutex
	revoked []Revocation
	numbers map[string]int64
}

func (m *memory) Revocations(context.Context) ([]Revocation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Revocation(nil), m.revoked...), nil
}

func (m *memory) Revoke(_ context.Context, r Revocation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, old := range m.revoked {
		if old.Issuer == r.Issuer && old.Serial.Cmp(r.Serial) == 0 {
			return nil
		}
	}
	m.revoked = append(m.revoked, r)
	return nil
}

func (m *memory) NextCRL(_ context.Context, issuer string, now time.Time) (*big.Int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.numbers[issuer] = max(m.numbers[issuer]+1, now.Unix())
	return big.NewInt(m.numbers[issuer]), nil
}
