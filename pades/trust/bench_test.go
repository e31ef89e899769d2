package trust_test

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"chancery/pades/trust"
)

// BenchmarkJudge follows three certificates with an OCSP response and a CRL of
// 1,000 entries.
func BenchmarkJudge(b *testing.B) {
	o := newOffice(b)
	signer := o.issue(o.person("Signer"), &o.ca)
	later := o.now.Add(time.Minute)
	evidence := trust.Evidence{
		OCSPs: [][]byte{o.ocsp(signer, o.ca, o.issue(o.responder(noCheck), &o.ca), later, nil)},
		CRLs: [][]byte{o.crl(o.root, later, func(l *x509.RevocationList) {
			for i := range int64(1000) {
				l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(i + 1), RevocationTime: o.now})
			}
		})},
	}
	between := []*x509.Certificate{o.ca.Certificate}
	b.ReportAllocs()
	for b.Loop() {
		if !trust.Judge(signer.Certificate, between, o.roots(), evidence, o.now).Good() {
			b.Fatal("not good")
		}
	}
}
