package pki

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

const (
	blockCertificate = "CERTIFICATE"
	blockKey         = "PRIVATE KEY" // PKCS #8, RFC 5208
	headerRole       = "Role"
)

// identities finds the parts of an authority by the role they are stored under.
func (a *Authority) identities() map[string]*identity {
	return map[string]*identity{
		"root": &a.root, "issuing": &a.issuing, "certifier": &a.certifier, "sealer": &a.sealer,
	}
}

// roles is the order in which the parts are stored.
var roles = [...]string{"root", "issuing", "certifier", "sealer"}

// Marshal writes all certificates and private keys as PEM, in clear. The caller
// encrypts the result before it touches a disk.
func (a *Authority) Marshal() ([]byte, error) {
	var out []byte
	held := a.identities()
	for _, role := range roles {
		of := held[role]
		key, err := x509.MarshalPKCS8PrivateKey(of.key)
		if err != nil {
			return nil, fmt.Errorf("marshal %s key: %w", role, err)
		}
		header := map[string]string{headerRole: role}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Headers: header, Bytes: of.certificate.Raw})...)
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: blockKey, Headers: header, Bytes: key})...)
	}
	return out, nil
}

// Parse reads what Marshal wrote. It refuses a set in which a part is missing,
// a key does not fit its certificate, or a certificate has another issuer.
func Parse(data []byte) (*Authority, error) {
	var a Authority
	held := a.identities()
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		of := held[block.Headers[headerRole]]
		if of == nil {
			return nil, fmt.Errorf("parse authority: unknown role %q", block.Headers[headerRole])
		}
		if err := of.read(block); err != nil {
			return nil, fmt.Errorf("parse authority, %s: %w", block.Headers[headerRole], err)
		}
	}
	for _, role := range roles {
		if err := a.fits(held[role]); err != nil {
			return nil, fmt.Errorf("parse authority, %s: %w", role, err)
		}
	}
	return &a, nil
}

func (of *identity) read(block *pem.Block) (err error) {
	switch block.Type {
	case blockCertificate:
		of.certificate, err = x509.ParseCertificate(block.Bytes)
		return err
	case blockKey:
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return err
		}
		ec, ok := key.(*ecdsa.PrivateKey)
		if !ok {
			return fmt.Errorf("want an ECDSA key, found %T", key)
		}
		of.key = ec
		return nil
	}
	return fmt.Errorf("unknown PEM block %q", block.Type)
}

func (a *Authority) fits(of *identity) error {
	if of.certificate == nil || of.key == nil {
		return fmt.Errorf("certificate or key is missing")
	}
	if !of.key.PublicKey.Equal(of.certificate.PublicKey) {
		return fmt.Errorf("key and certificate do not belong together")
	}
	issuer := a.issuing.certificate
	if of == &a.root || of == &a.issuing {
		issuer = a.root.certificate
	}
	return of.certificate.CheckSignatureFrom(issuer)
}
