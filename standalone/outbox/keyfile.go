package outbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"chancery/standalone/disk"
)

const keyLength = 32 // bytes: AES-256

// KeyFile is a Sealer whose key lies in a file. It seals with AES-256-GCM under random
// nonces, which one key may do about four billion times (NIST SP 800-38D, 8.3).
type KeyFile struct{ aead cipher.AEAD }

// OpenKeyFile reads the key, or draws one if there is no file yet.
func OpenKeyFile(path string) (*KeyFile, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = drawKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	if len(key) != keyLength {
		return nil, fmt.Errorf("read key %s: it has %d bytes, not %d", path, len(key), keyLength)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("use key %s: %w", path, err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("use key %s: %w", path, err)
	}
	return &KeyFile{aead}, nil
}

func drawKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, keyLength)
	rand.Read(key) // never fails: it ends the program instead
	return key, disk.Write(path, key)
}

// Seal implements Sealer.
func (k *KeyFile) Seal(plain, ad []byte) ([]byte, error) {
	return k.aead.Seal(nil, nil, plain, ad), nil
}

// Open implements Sealer.
func (k *KeyFile) Open(sealed, ad []byte) ([]byte, error) {
	return k.aead.Open(nil, nil, sealed, ad)
}
