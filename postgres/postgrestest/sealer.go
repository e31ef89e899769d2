package postgrestest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
)

// Sealer encrypts for real, under a key that is no secret.
type Sealer struct{}

var testKey = sha256.Sum256([]byte("a key for tests"))

// Seal encrypts under AES-256-GCM.
func (Sealer) Seal(plain, ad []byte) ([]byte, error) {
	aead, err := newAEAD()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, plain, ad), nil
}

// Open decrypts what Seal made with the same associated data.
func (Sealer) Open(sealed, ad []byte) ([]byte, error) {
	aead, err := newAEAD()
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errors.New("sealed value is too short")
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], ad)
}

// Fingerprint is an HMAC-SHA-256 of value for one purpose.
func (Sealer) Fingerprint(purpose string, value []byte) []byte {
	mac := hmac.New(sha256.New, testKey[:])
	mac.Write([]byte(purpose + "\x00"))
	mac.Write(value)
	return mac.Sum(nil)
}

func newAEAD() (cipher.AEAD, error) {
	block, err := aes.NewCipher(testKey[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
