package trust

import (
	"context"
	"crypto/x509"
	"fmt"

	"golang.org/x/crypto/ocsp"

	"chancery/problem"
)

// Gather collects what a document security store needs for these chains (PAdES
// B-LT, EN 319 142-1, 5.4): all their certificates, and for each that can be
// revoked a CRL or an OCSP response, with the responder's own. A chain has the
// certificate first and its self-signed root last; Path makes one.
//
// Call it after the last signature, so that the evidence is newer than what it
// must prove. It makes sure that the evidence is about these certificates and
// comes from who may give it, not that it says "good": Judge does. What cannot be
// had is the problem revocation_unavailable; later it may work.
func Gather(ctx context.Context, chains [][]*x509.Certificate, source Source) (Evidence, error) {
	g := gathering{ctx: ctx, source: source, done: map[string]bool{}}
	for _, chain := range chains {
		if len(chain) == 0 || !selfSigned(chain[len(chain)-1]) {
			return Evidence{}, fmt.Errorf("gather evidence: a chain of %d certificates does not end in a root", len(chain))
		}
		for _, cert := range chain {
			g.found.Merge(Evidence{Certificates: [][]byte{cert.Raw}})
		}
	}
	for _, chain := range chains {
		for i := range len(chain) - 1 {
			if err := g.about(chain[i], chain[i+1], 0); err != nil {
				return Evidence{}, err
			}
		}
	}
	return g.found, nil
}

type gathering struct {
	ctx    context.Context
	source Source
	found  Evidence
	done   map[string]bool // certificates that were asked about, by their bytes
}

func (g *gathering) about(cert, issuer *x509.Certificate, depth int) error {
	if _, ok := exempt(cert); ok || g.done[string(cert.Raw)] {
		return nil
	}
	g.done[string(cert.Raw)] = true
	if depth == maxResponders {
		return fmt.Errorf("gather evidence about %q: responders vouch for one another", cert.Subject.CommonName)
	}
	crl, response, err := g.source.Revocation(g.ctx, cert, issuer)
	if err != nil {
		return unavailable(fmt.Errorf("ask about %q: %w", cert.Subject.CommonName, err))
	}
	if len(crl) > 0 {
		g.found.Merge(Evidence{CRLs: [][]byte{crl}})
	}
	if len(response) > 0 {
		if err := g.response(response, cert, issuer, depth); err != nil {
			return err
		}
	}
	return g.holds(cert, issuer, crl, response)
}

// response keeps an OCSP response with the certificate of its responder.
func (g *gathering) response(der []byte, cert, issuer *x509.Certificate, depth int) error {
	g.found.Merge(Evidence{OCSPs: [][]byte{der}})
	parsed, err := ocsp.ParseResponseForCert(der, cert, nil)
	if err != nil {
		return unavailable(fmt.Errorf("read OCSP response about %q: %w", cert.Subject.CommonName, err))
	}
	responder := parsed.Certificate
	if responder == nil || responder.Equal(issuer) {
		return nil
	}
	g.found.Merge(Evidence{Certificates: [][]byte{responder.Raw}})
	return g.about(responder, issuer, depth+1)
}

// holds judges the new evidence as of the first moment of the certificate, which
// all evidence is newer than: what remains unknown then is not usable at all.
func (g *gathering) holds(cert, issuer *x509.Certificate, crl, response []byte) error {
	if len(crl) == 0 && len(response) == 0 {
		return unavailable(fmt.Errorf("there is no revocation data about %q", cert.Subject.CommonName))
	}
	if r := NewBench().court(nil, nil, g.found).revocation(cert, issuer, cert.NotBefore, 0); r.Status == Unknown {
		return unavailable(fmt.Errorf("the revocation data about %q does not hold: %s %s", cert.Subject.CommonName, r.Reason, r.Detail))
	}
	return nil
}

func unavailable(cause error) error {
	return problem.Away("revocation_unavailable",
		"The revocation data of a certificate cannot be had; the document waits until its authority answers.").Because(cause)
}
