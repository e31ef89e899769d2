package trust_test

import (
	"crypto/x509"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pades/trust"
)

// A list or an answer that revokes must not be changed until it says "good".

func FuzzCRL(f *testing.F) {
	o := newOffice(f)
	signer := o.issue(o.person("Signer"), &o.ca)
	f.Add(o.crl(o.ca, o.now.Add(time.Minute), revoke(signer, o.now.Add(-time.Hour))))
	f.Add(o.crl(o.root, o.now, nil))
	f.Fuzz(func(t *testing.T, der []byte) {
		j := trust.Judge(signer.Certificate, []*x509.Certificate{o.ca.Certificate}, o.roots(), trust.Evidence{CRLs: [][]byte{der}}, o.now)
		if r := j.Path[0].Revocation; !j.Trusted || r.Status == trust.Good {
			t.Errorf("%+v", r)
		}
	})
}

func FuzzOCSP(f *testing.F) {
	o := newOffice(f)
	signer, delegate := o.issue(o.person("Signer"), &o.ca), o.issue(o.responder(noCheck), &o.ca)
	f.Add(o.ocsp(signer, o.ca, delegate, o.now.Add(time.Minute), func(r *ocsp.Response) {
		r.Status, r.RevokedAt = ocsp.Revoked, o.now.Add(-time.Hour)
	}))
	f.Fuzz(func(t *testing.T, der []byte) {
		j := trust.Judge(signer.Certificate, []*x509.Certificate{o.ca.Certificate}, o.roots(), trust.Evidence{OCSPs: [][]byte{der}}, o.now)
		if r := j.Path[0].Revocation; !j.Trusted || r.Status == trust.Good {
			t.Errorf("%+v", r)
		}
	})
}
