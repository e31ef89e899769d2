package mail

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// rsaBits is what RFC 8301 §3.2 asks signers to use; with more the DNS record no
// longer fits common limits.
const rsaBits = 2048

// Keys sign every letter twice: RSA for all receivers, Ed25519 (RFC 8463) for
// those who know it.
type Keys struct {
	RSA     *rsa.PrivateKey
	Ed25519 ed25519.PrivateKey
}

// NewKeys makes a fresh pair.
func NewKeys(random io.Reader) (Keys, error) {
	rsaKey, err := rsa.GenerateKey(random, rsaBits)
	if err != nil {
		return Keys{}, fmt.Errorf("make RSA key for mail: %w", err)
	}
	_, edKey, err := ed25519.GenerateKey(random)
	if err != nil {
		return Keys{}, fmt.Errorf("make Ed25519 key for mail: %w", err)
	}
	return Keys{RSA: rsaKey, Ed25519: edKey}, nil
}

const pemType = "PRIVATE KEY" // PKCS #8, RFC 7468 §10

// Marshal writes both keys as PKCS #8 in PEM, unencrypted: for a vault, not a disk.
func (k Keys) Marshal() ([]byte, error) {
	var out bytes.Buffer
	for _, key := range []any{k.RSA, k.Ed25519} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, fmt.Errorf("write mail key: %w", err)
		}
		if err := pem.Encode(&out, &pem.Block{Type: pemType, Bytes: der}); err != nil {
			return nil, fmt.Errorf("write mail key: %w", err)
		}
	}
	return out.Bytes(), nil
}

// ParseKeys reads one RSA key of at least 2048 bits and one Ed25519 key, in any
// order and nothing else. Errors never quote what was read.
func ParseKeys(text []byte) (Keys, error) {
	var keys Keys
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		if err := keys.add(block); err != nil {
			return Keys{}, fmt.Errorf("read mail keys: %w", err)
		}
		text = rest
	}
	if len(bytes.TrimSpace(text)) > 0 || !keys.complete() {
		return Keys{}, errors.New("read mail keys: one RSA and one Ed25519 key in PEM are needed, and nothing else")
	}
	return keys, nil
}

func (k *Keys) add(block *pem.Block) error {
	if block.Type != pemType {
		return errors.New("a PEM block is not an unencrypted PKCS #8 key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return errors.New("a PEM block is not a PKCS #8 key")
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		if k.RSA != nil || key.N.BitLen() < rsaBits {
			return fmt.Errorf("one RSA key of at least %d bits is needed", rsaBits)
		}
		k.RSA = key
	case ed25519.PrivateKey:
		if k.Ed25519 != nil {
			return errors.New("there is more than one Ed25519 key")
		}
		k.Ed25519 = key
	default:
		return fmt.Errorf("keys of type %T do not sign mail", key)
	}
	return nil
}

func (k Keys) complete() bool { return k.RSA != nil && k.Ed25519 != nil }
