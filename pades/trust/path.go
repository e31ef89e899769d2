package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"chancery/pades/cms"
)

// The extensions that this package or its callers know, beyond those that
// crypto/x509 handles. A critical one of them does not stop a path.
var (
	oidNoRevAvail      = asn1.ObjectIdentifier{2, 5, 29, 56}                  // RFC 9608
	oidValidityAssured = asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1}         // EN 319 412-1, 5.2
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5} // RFC 6960, 4.2.2.2.1
	oidQCStatements    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}     // RFC 3739, 3.2.6
	oidDistribution    = asn1.ObjectIdentifier{2, 5, 29, 31}                  // RFC 5280, 4.2.1.13
	handled            = []asn1.ObjectIdentifier{oidNoRevAvail, oidValidityAssured, oidNoCheck, oidQCStatements, oidDistribution}
)

// known are the candidates together with the readable certificates of evidence,
// each once.
func known(candidates []*x509.Certificate, evidence Evidence) []*x509.Certificate {
	var all []*x509.Certificate
	add := func(c *x509.Certificate) {
		if len(all) < maxCandidates && !slices.ContainsFunc(all, c.Equal) {
			all = append(all, c)
		}
	}
	for _, c := range candidates {
		add(c)
	}
	for _, der := range evidence.Certificates {
		if c, err := cms.ParseCertificate(der); err == nil {
			add(c)
		}
	}
	return all
}

// paths are the chains that hold at a time; without an error there is at least one.
func (c court) paths(certificate *x509.Certificate, at time.Time) ([][]*x509.Certificate, error) {
	if at.IsZero() {
		return nil, fmt.Errorf("follow chain of %q: no time to judge at", certificate.Subject.CommonName)
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range c.roots {
		roots.AddCert(accepting(root))
	}
	for _, candidate := range c.candidates {
		between.AddCert(accepting(candidate))
	}
	paths, err := accepting(certificate).Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: purposes(certificate),
	})
	if err != nil {
		return nil, fmt.Errorf("follow chain of %q: %w", certificate.Subject.CommonName, err)
	}
	return paths[:min(len(paths), maxPaths)], nil
}

// accepting is the certificate without the critical extensions that are handled here.
func accepting(c *x509.Certificate) *x509.Certificate {
	if len(c.UnhandledCriticalExtensions) == 0 {
		return c
	}
	twin := *c
	twin.UnhandledCriticalExtensions = slices.DeleteFunc(slices.Clone(c.UnhandledCriticalExtensions), func(id asn1.ObjectIdentifier) bool {
		return slices.ContainsFunc(handled, id.Equal)
	})
	return &twin
}

// purposes are what the issuers above must allow: the one purpose that the
// certificate is dedicated to. A signer's may be anything.
func purposes(c *x509.Certificate) []x509.ExtKeyUsage {
	if len(c.ExtKeyUsage) == 1 && len(c.UnknownExtKeyUsage) == 0 {
		switch c.ExtKeyUsage[0] {
		case x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageOCSPSigning:
			return c.ExtKeyUsage
		}
	}
	return []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
}

func (c court) root(cert *x509.Certificate) bool { return slices.ContainsFunc(c.roots, cert.Equal) }

// follow goes from issuer to issuer by signature alone, whatever the time. It
// also tells whether it ended at a signature too weak to count.
func (c court) follow(certificate *x509.Certificate) (path []*x509.Certificate, weak bool) {
	path = []*x509.Certificate{certificate}
	for len(path) < maxLength && !c.root(path[len(path)-1]) {
		var next *x509.Certificate
		if next, weak = c.issuer(path[len(path)-1]); next == nil || slices.ContainsFunc(path, next.Equal) {
			break
		}
		path = append(path, next)
	}
	return path, weak
}

func (c court) issuer(cert *x509.Certificate) (found *x509.Certificate, weak bool) {
	tried := 0
	for _, candidate := range slices.Concat(c.roots, c.candidates) {
		if !bytes.Equal(candidate.RawSubject, cert.RawIssuer) {
			continue
		}
		if tried++; tried > maxIssuers {
			break
		}
		err := cert.CheckSignatureFrom(candidate)
		if err == nil {
			return candidate, false
		}
		var insecure x509.InsecureAlgorithmError
		weak = weak || errors.As(err, &insecure)
	}
	return nil, weak
}

// has tells whether the certificate carries an extension.
func has(c *x509.Certificate, id asn1.ObjectIdentifier) bool {
	for _, e := range c.Extensions {
		if e.Id.Equal(id) {
			return true
		}
	}
	return false
}

func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawSubject, c.RawIssuer) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}
