package vault

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	keySize  = 32 // bytes: AES-256
	idOffset = 1  // Tink puts a version byte before the key's id
	idEnd    = idOffset + 4
)

// ring is one or more root keys of one owner. The newest seals, every one
// opens; sealed bytes start with the id of their key (Tink's output prefix:
// 0x01 and four bytes), so a ring of many opens as fast as a ring of one.
type ring struct {
	newest uint32
	aeads  map[uint32]tink.AEAD
}

// newRing takes root keys of 32 bytes, newest last.
func newRing(roots [][]byte) (*ring, error) {
	if len(roots) == 0 {
		return nil, errors.New("a key ring needs a key")
	}
	r := &ring{aeads: make(map[uint32]tink.AEAD, len(roots))}
	for i, root := range roots {
		id, err := r.add(root)
		if err != nil {
			return nil, fmt.Errorf("take key %d: %w", i+1, err)
		}
		r.newest = id
	}
	return r, nil
}

// add derives both the AES key and its id from root, so that a key cannot be
// stored under another key's id.
func (r *ring) add(root []byte) (uint32, error) {
	if len(root) != keySize {
		return 0, fmt.Errorf("a key has %d bytes, not %d", keySize, len(root))
	}
	id := binary.BigEndian.Uint32(derive(root, "chancery vault key id", 4))
	if _, taken := r.aeads[id]; taken {
		return 0, fmt.Errorf("key %08x is there twice", id)
	}
	aead, err := newGCM(derive(root, "chancery vault aes-256-gcm", keySize), id)
	if err != nil {
		return 0, err
	}
	r.aeads[id] = aead
	return id, nil
}

func newGCM(key []byte, id uint32) (tink.AEAD, error) {
	params, err := aesgcm.NewParameters(aesgcm.ParametersOpts{
		KeySizeInBytes: keySize,
		IVSizeInBytes:  12,
		TagSizeInBytes: 16,
		Variant:        aesgcm.VariantTink,
	})
	if err != nil {
		return nil, err
	}
	secret := secretdata.NewBytesFromData(key, insecuresecretdataaccess.Token{})
	k, err := aesgcm.NewKey(secret, id, params)
	if err != nil {
		return nil, err
	}
	return aesgcm.NewAEAD(k)
}

func (r *ring) id() string { return fmt.Sprintf("%08x", r.newest) }

func (r *ring) seal(plain, ad []byte) ([]byte, error) {
	return r.aeads[r.newest].Encrypt(plain, ad)
}

func (r *ring) open(sealed, ad []byte) ([]byte, error) {
	if len(sealed) < idEnd {
		return nil, ErrDamaged
	}
	aead, known := r.aeads[binary.BigEndian.Uint32(sealed[idOffset:idEnd])]
	if !known {
		return nil, ErrUnknownKey
	}
	plain, err := aead.Decrypt(sealed, ad)
	if err != nil {
		return nil, ErrDamaged
	}
	return plain, nil
}

// derive is HKDF-Expand (RFC 5869 §2.3). Roots are uniformly random, so the
// extract step is left out, as §3.3 allows.
func derive(root []byte, purpose string, size int) []byte {
	key, err := hkdf.Expand(sha256.New, root, purpose, size)
	if err != nil {
		panic(err) // only sizes above 255 hashes are refused, and ours are constants
	}
	return key
}

func newKey() []byte {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // crypto/rand never returns an error; it stops the program
	return key
}
