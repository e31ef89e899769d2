package verify

import (
	"crypto/x509"
	"fmt"
	"time"

	"chancery/pades/trust"
)

func name(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

func untrustedSentence(reason string) string {
	switch reason {
	case trust.Expired:
		return "A certificate of the signer's path had expired when the signature was made."
	case trust.NotYetValid:
		return "A certificate of the signer's path was not yet valid when the signature was made."
	case trust.WeakAlgorithm:
		return "A certificate of the signer's path is signed with an algorithm that is too weak."
	}
	return "The signer's certificate does not lead to an authority that is trusted here."
}

func revocationSentence(r trust.Revocation) string {
	switch r.Status {
	case trust.Good:
		return fmt.Sprintf("No certificate of the path was revoked (%s of %s).", evidenceName(r.From), r.Issued.UTC().Format(time.DateTime))
	case trust.NotNeeded:
		return "The certificate lives too briefly to be revoked."
	case trust.Revoked:
		return fmt.Sprintf("A certificate of the path was revoked on %s.", r.RevokedAt.UTC().Format(time.DateTime))
	}
	return "The document does not tell whether a certificate of the path was revoked."
}

func evidenceName(from string) string {
	if from == "ocsp" {
		return "OCSP response"
	}
	return "revocation list"
}
