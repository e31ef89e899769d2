package verify

import (
	"crypto"
	"crypto/x509"
	"slices"
	"time"

	"chancery/pades/pdf"
	"chancery/pades/tsp"
)

// judge checks one signature but for its digest, which comes from digests.
func (s *signature) judge() error {
	steps := []func() error{s.describe, s.place, s.unlock, s.promises}
	for _, step := range steps {
		if err := step(); fatal(err) {
			return err
		} else if err != nil {
			s.report.find("signature_unreadable", "The signature refers to something that cannot be read.")
			s.sound = false
			return nil
		}
	}
	return nil
}

// promises checks what the signature and its field say about permissions.
func (s *signature) promises() error {
	if s.fieldOn != nil && s.report.Role != Timestamp && !s.keepsLock() {
		s.report.note("lock_missing", "The signature does not lock the fields that its field announces; they count as locked.")
	}
	if s.container != nil && s.container.Weak() || s.token != nil && s.token.Weak() || s.hash == crypto.SHA1 {
		s.report.note("weak", "The signature leans on SHA-1, which is too weak today.")
	}
	if s.certificate == nil {
		return nil
	}
	usage := s.certificate.KeyUsage
	if usage != 0 && usage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		s.report.find("key_usage", "The signer's certificate is not meant for signatures.")
	}
	return nil
}

// keepsLock tells whether the signature locks all that its field announces.
func (s *signature) keepsLock() bool {
	switch {
	case s.lock == nil:
		return false
	case s.lock.all():
		return true
	case s.lock.except != s.fieldOn.except:
		return false
	}
	weaker, stronger := s.fieldOn.names, s.lock.names
	if s.lock.except { // excepting less locks more
		weaker, stronger = stronger, weaker
	}
	return !slices.ContainsFunc(weaker, func(name string) bool { return !slices.Contains(stronger, name) })
}

// baseline tells why this is no PAdES baseline signature; "" when it is one
// (EN 319 142-1, table 1).
func (s *signature) baseline() string {
	name, _ := s.dict["SubFilter"].(pdf.Name)
	switch {
	case name != cadesDetached:
		return "It is not of the kind that PAdES asks for."
	case s.container == nil || s.container.Weak():
		return "It leans on SHA-1, which is too weak today."
	case !s.container.BoundToCertificate:
		return "It does not say which certificate it was made with."
	case s.container.HasSigningTime:
		return "It holds a second time of signing, which PAdES forbids."
	case s.report.SignedAt.IsZero():
		return "It does not say when it was made."
	case s.dict["Cert"] != nil:
		return "It names its certificate in a place that PAdES forbids."
	}
	return ""
}

// stamps opens the signature timestamps and keeps the earliest that holds.
func (s *signature) stamps() {
	if s.container == nil {
		return
	}
	for _, der := range s.container.Timestamps {
		token, err := tsp.Parse(der)
		if err == nil {
			h := token.Hash.New()
			h.Write(s.container.Value)
			err = token.Check(h.Sum(nil))
		}
		if err != nil {
			s.weakStamp = true
			continue
		}
		if s.stamp == nil || token.Time.Before(s.stamp.Time) {
			s.stamp = token
		}
	}
}

// when is the best that is known of the time of signing.
func (s *signature) when() time.Time {
	switch {
	case s.report.ProvenAt != nil:
		return *s.report.ProvenAt
	case !s.report.SignedAt.IsZero():
		return s.report.SignedAt
	case s.container != nil && s.container.HasSigningTime:
		return s.container.SigningTime
	}
	return time.Time{}
}

// proofs finds for each signature when it is proven to have existed: by its own
// timestamp, or by the first document timestamp after it.
func proofs(list []*signature) {
	for i, s := range list {
		s.stamps()
		proof := s.stamp
		if s.token != nil {
			proof = s.token
		}
		for _, later := range list[i+1:] {
			if later.token != nil && later.sound && later.report.Holds() && s.token == nil {
				if proof == nil || later.token.Time.Before(proof.Time) {
					proof = later.token
				}
				break
			}
		}
		if s.proof = proof; proof != nil {
			at := proof.Time
			s.report.ProvenAt, s.report.ProvenBy = &at, proof.Certificate.Subject.CommonName
		}
	}
}
