package pki

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// Certificates reads certificates in PEM, such as the roots that a hub publishes
// under /trust. A file without any is an error: trusting nobody by mistake looks
// like a broken signature.
func Certificates(data []byte) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read certificate %d: %w", len(all)+1, err)
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, errors.New("read certificates: there are none")
	}
	return all, nil
}
