package verify

import "crypto/x509"

// trust follows the certificate to a root, at the time that is best known.
func (s *signature) trust(options Options) {
	r := &s.report
	r.Trust = TrustUnknown
	if s.certificate == nil || len(options.Roots) == 0 {
		return
	}
	at := s.when()
	if at.IsZero() || at.After(options.Now) {
		r.find("time", "The signature has no time, or one in the future.")
		at = options.Now
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, root := range options.Roots {
		roots.AddCert(root)
	}
	for _, c := range s.certificates {
		between.AddCert(c)
	}
	chains, err := s.certificate.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		r.Trust = Untrusted
		r.find("untrusted", "The signer's certificate does not lead to an authority that is trusted here.")
		return
	}
	r.Trust = Trusted
	for _, c := range chains[0] {
		r.Path = append(r.Path, c.Subject.CommonName)
	}
}
