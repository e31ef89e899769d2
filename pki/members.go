package pki

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"time"
)

// Role is what a certificate of an authority is for.
type Role string

const (
	Root      Role = "root"
	Issuing   Role = "issuing"
	Certifier Role = "certifier"
	Sealer    Role = "sealer"
	TSA       Role = "tsa"
	Responder Role = "ocsp"
)

// member is one certificate of an authority with its key.
type member struct {
	role        Role
	certificate *x509.Certificate
	key         crypto.Signer // nil when it was destroyed, or is a root's and kept elsewhere
	outside     bool          // it lies in the folder, and is not stored with the others
}

// settled is how old a successor is before it takes over: by then every process
// has heard of it, and answers for it.
const settled = 30 * time.Minute

// current is the certificate that now serves a role: the newest that is settled,
// has its key and, with its issuers, is not revoked.
func (a *Authority) current(role Role, now time.Time) (member, bool) {
	var fresh member
	for i := len(a.members) - 1; i >= 0; i-- {
		m := a.members[i]
		if m.role != role || a.fallen(m.certificate) || m.key == nil && !m.outside {
			continue
		}
		if now.Sub(m.certificate.NotBefore) >= backdated+settled {
			return m, true
		}
		if fresh.certificate == nil {
			fresh = m
		}
	}
	return fresh, fresh.certificate != nil
}

// newest is the certificate of a role that was made last and is not revoked.
func (a *Authority) newest(role Role) (member, bool) {
	for i := len(a.members) - 1; i >= 0; i-- {
		if m := a.members[i]; m.role == role && !a.fallen(m.certificate) {
			return m, true
		}
	}
	return member{}, false
}

// fallen tells whether a certificate or one above it was revoked.
func (a *Authority) fallen(c *x509.Certificate) bool {
	issuer, ok := a.issuerOf(c)
	if !ok {
		return false
	}
	_, gone := a.revoked[mark(issuer.certificate, c.SerialNumber)]
	return gone || a.fallen(issuer.certificate)
}

// issuerOf finds the CA that signed a certificate; a root has none.
func (a *Authority) issuerOf(c *x509.Certificate) (member, bool) {
	for _, m := range a.members {
		if !m.certificate.IsCA || m.certificate.Equal(c) || !bytes.Equal(m.certificate.RawSubject, c.RawIssuer) {
			continue
		}
		if len(c.AuthorityKeyId) == 0 || bytes.Equal(m.certificate.SubjectKeyId, c.AuthorityKeyId) {
			return m, true
		}
	}
	return member{}, false
}

// root is the authority's own; its key may be kept elsewhere.
func (a *Authority) root() member {
	m, _ := a.newest(Root)
	return m
}
