package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

const (
	blockCertificate = "CERTIFICATE"
	blockKey         = "PRIVATE KEY" // PKCS #8, RFC 5208
	headerRole       = "Role"
)

// Marshal writes the authority's certificates and private keys as PEM, in clear, the
// oldest first, without what lies in the folder. The caller encrypts the result before it touches a disk.
func (a *Authority) Marshal() ([]byte, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []byte
	for _, m := range a.members {
		if m.outside {
			continue
		}
		header := map[string]string{headerRole: string(m.role)}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: blockCertificate, Headers: header, Bytes: m.certificate.Raw})...)
		if m.key == nil {
			continue
		}
		key, err := x509.MarshalPKCS8PrivateKey(m.key)
		if err != nil {
			return nil, fmt.Errorf("marshal %s key: %w", m.role, err)
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: blockKey, Headers: header, Bytes: key})...)
	}
	return out, nil
}

// Parse reads what Marshal wrote, this one or that of an older program: the older
// one knows no TSA and no OCSP responder, which Renew makes. It refuses a set in
// which a part is missing, a key does not fit its certificate, a certificate has
// another issuer, or which is of the other kind: sandbox and production never mix.
func Parse(data []byte, options Options) (*Authority, error) {
	options, err := options.complete()
	if err != nil {
		return nil, fmt.Errorf("parse authority: %w", err)
	}
	a := &Authority{options: options, folder: options.Folder}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if err := a.read(block); err != nil {
			return nil, fmt.Errorf("parse authority, %s: %w", block.Headers[headerRole], err)
		}
	}
	a.take()
	if err := a.whole(); err != nil {
		return nil, fmt.Errorf("parse authority: %w", err)
	}
	return a, nil
}

func (a *Authority) read(block *pem.Block) error {
	role := Role(block.Headers[headerRole])
	switch block.Type {
	case blockCertificate:
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		a.members = append(a.members, member{role: role, certificate: certificate})
		return nil
	case blockKey:
		key, err := parseKey(block.Bytes)
		if err != nil {
			return err
		}
		if len(a.members) == 0 || a.members[len(a.members)-1].role != role {
			return errors.New("a key stands without its certificate")
		}
		a.members[len(a.members)-1].key = key
		return nil
	}
	return fmt.Errorf("unknown PEM block %q", block.Type)
}

func parseKey(pkcs8 []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%T cannot sign", key)
	}
	return signer, nil
}

// stored are the roles that even the oldest state has.
var stored = [...]Role{Root, Issuing, Certifier, Sealer}

func (a *Authority) whole() error {
	for _, role := range stored {
		if m, ok := a.newest(role); !ok || m.key == nil && !m.outside {
			return fmt.Errorf("the %s is missing, or its key", role)
		}
	}
	for _, m := range a.members {
		if err := a.fits(m); err != nil {
			return fmt.Errorf("%s: %w", m.role, err)
		}
	}
	return nil
}

func (a *Authority) fits(m member) error {
	switch m.role {
	case Root, Issuing, Certifier, Sealer, TSA, Responder:
	default:
		return errors.New("unknown role: a newer program has written it")
	}
	if m.key == nil && m.certificate.IsCA && !m.outside {
		return errors.New("its key is missing")
	}
	if m.key != nil && !fitting(m.key, m.certificate) {
		return errors.New("key and certificate do not belong together")
	}
	if sandbox(m.certificate) != a.options.Sandbox {
		return errors.New("sandbox and production are never mixed")
	}
	if m.role == Root {
		return m.certificate.CheckSignatureFrom(m.certificate)
	}
	issuer, ok := a.issuerOf(m.certificate)
	if !ok {
		return errors.New("its issuer is missing")
	}
	return m.certificate.CheckSignatureFrom(issuer.certificate)
}

// fitting tells whether a private key is that of a certificate.
func fitting(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

func sandbox(c *x509.Certificate) bool {
	return len(c.Subject.Organization) == 1 && c.Subject.Organization[0] == SandboxOrganisation
}
