package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"chancery/problem"
)

// Kinds of keys that are strong enough.
const (
	minRSABits = 2048
	minECBits  = 256
)

// tokenScheme begins the address of a key in a PKCS#11 token (RFC 7512). A key
// file may hold such an address in place of a key.
const tokenScheme = "pkcs11:"

// ReadKey reads the key of a file: PEM in one of the three usual forms, or the
// address of a key in a token.
func ReadKey(path string) (crypto.Signer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	key, err := keyOf(data)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	return key, nil
}

func keyOf(data []byte) (crypto.Signer, error) {
	if address := strings.TrimSpace(string(data)); strings.HasPrefix(address, tokenScheme) {
		return openToken(address)
	}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case blockKey:
			return parseKey(block.Bytes)
		case "EC PRIVATE KEY":
			return x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			return x509.ParsePKCS1PrivateKey(block.Bytes)
		case "ENCRYPTED PRIVATE KEY":
			return nil, problem.Invalid("key_encrypted", "The key is encrypted. Please hand it in as PKCS#12, or decrypt it first.")
		}
	}
	return nil, problem.Invalid("key_missing", "There is no private key in the file.")
}

// Bundle is a certificate with its key and chain, as a CA hands it out.
type Bundle struct {
	Holder
	key []byte // as it is kept: PEM, or an address
}

// ReadBundle reads PEM files, or a PKCS#12 file for the key, whose certificates
// count when chain is empty. key may be the address of a key in a token. Only
// PKCS#12 asks for a passphrase.
func ReadBundle(chain, key string, passphrase func() (string, error)) (Bundle, error) {
	var b Bundle
	certificates, err := readChain(chain)
	if err != nil {
		return b, err
	}
	if b.key = []byte(key); !strings.HasPrefix(key, tokenScheme) {
		if b.key, err = os.ReadFile(key); err != nil {
			return b, fmt.Errorf("read key: %w", err)
		}
	}
	if packed(b.key) {
		secret, err := passphrase()
		if err != nil {
			return b, err
		}
		var inside []*x509.Certificate
		if b.key, inside, err = unpack(b.key, secret); err != nil {
			return b, err
		}
		if len(certificates) == 0 {
			certificates = inside
		}
	}
	if len(certificates) == 0 {
		return b, problem.Invalid("certificate_missing", "There is no certificate. Please name the file of the chain.")
	}
	b.Certificate, b.Chain = certificates[0], certificates[1:]
	b.Signer, err = keyOf(b.key)
	return b, err
}

func readChain(path string) ([]*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read chain: %w", err)
	}
	return Certificates(data)
}

// packed tells PKCS#12, which is DER, from PEM and addresses.
func packed(data []byte) bool { return bytes.HasPrefix(data, []byte{0x30}) }

func unpack(data []byte, passphrase string) ([]byte, []*x509.Certificate, error) {
	key, certificate, chain, err := pkcs12.DecodeChain(data, passphrase)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, nil, problem.Invalid("passphrase_wrong", "The passphrase does not open the file.").Because(err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read PKCS#12: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("read PKCS#12: %w", err)
	}
	return keyPEM(der), append([]*x509.Certificate{certificate}, chain...), nil
}

// strong refuses keys that nobody should trust.
func strong(public crypto.PublicKey) error {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key.Curve.Params().BitSize >= minECBits {
			return nil
		}
	case *rsa.PublicKey:
		if key.N.BitLen() >= minRSABits {
			return nil
		}
	}
	return problem.Invalid("key_weak", "The key must be ECDSA of at least 256 bits, or RSA of at least 2048.")
}
