package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"

	"chancery/pades/cms"
)

// Complete adds the issuers that a chain lacks, from where its certificates say
// they are published, until a self-signed one. What it fetches is not trusted yet.
func (w *Web) Complete(ctx context.Context, chain []*x509.Certificate) ([]*x509.Certificate, error) {
	if len(chain) == 0 {
		return nil, nil
	}
	for range maxComplete {
		last := chain[len(chain)-1]
		if selfSigned(last) {
			return chain, nil
		}
		issuer, err := w.issuer(ctx, last)
		if err != nil {
			return chain, err
		}
		chain = append(chain[:len(chain):len(chain)], issuer)
	}
	return chain, fmt.Errorf("complete chain of %q: more than %d issuers are missing", chain[0].Subject.CommonName, maxComplete)
}

func (w *Web) issuer(ctx context.Context, cert *x509.Certificate) (*x509.Certificate, error) {
	var causes []error
	for _, place := range places(cert.IssuingCertificateURL) {
		data, err := w.exchange(ctx, http.MethodGet, place, nil, maxIssuer)
		if err != nil {
			causes = append(causes, fmt.Errorf("fetch %s: %w", place, err))
			continue
		}
		for _, candidate := range published(unarmoured(data)) {
			if bytes.Equal(candidate.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(candidate) == nil {
				return candidate, nil
			}
		}
		causes = append(causes, fmt.Errorf("fetch %s: no issuer of this certificate is there", place))
	}
	return nil, fmt.Errorf("find issuer of %q: %w", cert.Subject.CommonName, errors.Join(causes...))
}

// published reads one certificate, or a CMS container with several.
func published(der []byte) []*x509.Certificate {
	if c, err := x509.ParseCertificate(der); err == nil {
		return []*x509.Certificate{c}
	}
	list, err := cms.CertificatesOf(der)
	if err != nil {
		return nil
	}
	return list
}

// unarmoured is the DER of what some servers send as PEM.
func unarmoured(data []byte) []byte {
	if block, _ := pem.Decode(data); block != nil {
		return block.Bytes
	}
	return data
}
