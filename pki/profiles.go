package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// How long certificates live, unless their issuer ends before.
const (
	rootYears      = 20
	issuingYears   = 10
	organYears     = 5
	responderYears = 1
	tsaYears       = 10 // far longer than its key is used, so that a time-stamp can be checked for years (EN 319 421, 7.7.1)
	tsaUseYears    = 2  // of its key
	signerLife     = 24 * time.Hour
	backdated      = 5 * time.Minute // a validator's clock may be behind ours
)

var (
	// The two say that there is no revocation data to look for: the certificate is
	// over before anyone could revoke it.
	oidValidityAssured = asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1} // EN 319 412-1, 5.2
	oidNoRevAvail      = asn1.ObjectIdentifier{2, 5, 29, 56}          // RFC 9608

	oidSubjectAltName  = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidKeyUsePeriod    = asn1.ObjectIdentifier{2, 5, 29, 16}
	oidExtKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}    // RFC 9336
	oidNoCheck         = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5} // RFC 6960, 4.2.2.2.1
)

func lasting(name pkix.Name, now time.Time, years int) *x509.Certificate {
	return &x509.Certificate{Subject: name, NotBefore: now.Add(-backdated), NotAfter: now.AddDate(years, 0, 0)}
}

func caProfile(t *x509.Certificate, below int) *x509.Certificate {
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	t.BasicConstraintsValid, t.IsCA = true, true
	t.MaxPathLen, t.MaxPathLenZero = below, below == 0
	return t
}

// under says by which policy a certificate was issued (EN 319 412-2, 4.3.3).
func under(policy x509.OID, t *x509.Certificate) *x509.Certificate {
	t.Policies = []x509.OID{policy}
	return t
}

// ours is the policy of this program: the organisation is who runs the hub, and a
// person is whoever opened the link that was sent to the address. It is an arc made
// of a random number (ITU-T X.667); readers take numbers of 31 bits at most.
// A CA below a root may issue under any policy (RFC 5280, 4.2.1.4).
var ours, anyPolicy = oid(2, 25, 1276540917), oid(2, 5, 29, 32, 0)

func oid(arcs ...uint64) x509.OID {
	id, err := x509.OIDFromInts(arcs)
	if err != nil {
		panic(err) // the numbers stand above
	}
	return id
}

func rootProfile(o Options, now time.Time) *x509.Certificate {
	return caProfile(lasting(titled(o, "Root CA"), now, rootYears), 1)
}

func issuingProfile(o Options, now time.Time) *x509.Certificate {
	return under(anyPolicy, caProfile(lasting(titled(o, "Signer CA"), now, issuingYears), 0))
}

// signing is what a certificate needs that signs documents. NSS asks for email
// protection before it accepts a document's signature.
func signing(t *x509.Certificate) *x509.Certificate {
	t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	t.UnknownExtKeyUsage = []asn1.ObjectIdentifier{oidDocumentSigning}
	return under(ours, t)
}

func certifierProfile(o Options, now time.Time) *x509.Certificate {
	return signing(lasting(titled(o, "Certification"), now, organYears))
}

func sealerProfile(o Options, now time.Time) *x509.Certificate {
	return signing(lasting(titled(o, "Seal"), now, organYears))
}

// tsaProfile is a time-stamping unit's: the extended key usage is critical and the
// only one (RFC 3161, 2.3; EN 319 422, 6).
func tsaProfile(o Options, now time.Time) *x509.Certificate {
	t := under(ours, lasting(titled(o, "Time-stamping"), now, tsaYears))
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtraExtensions = []pkix.Extension{
		{Id: oidExtKeyUsage, Critical: true, Value: oneUsage(oidTimeStamping)},
		{Id: oidKeyUsePeriod, Value: usePeriod(t.NotBefore, tsaUseEnd(t))},
	}
	return t
}

// tsaUseEnd is when the key of a time-stamping unit stops being used.
func tsaUseEnd(c *x509.Certificate) time.Time { return c.NotBefore.AddDate(tsaUseYears, 0, 0) }

func responderProfile(o Options, now time.Time) *x509.Certificate {
	t := lasting(titled(o, "OCSP"), now, responderYears)
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	t.ExtraExtensions = []pkix.Extension{{Id: oidNoCheck, Value: asn1.NullBytes}}
	return t
}

func personProfile(p Person, now time.Time) *x509.Certificate {
	t := signing(&x509.Certificate{
		Subject:   pkix.Name{CommonName: p.commonName(), SerialNumber: clip(printable(p.ID), nameLimit)},
		NotBefore: now.Add(-backdated),
		NotAfter:  now.Add(signerLife),
		ExtraExtensions: []pkix.Extension{
			{Id: oidValidityAssured, Value: asn1.NullBytes},
			{Id: oidNoRevAvail, Value: asn1.NullBytes},
		},
	})
	setAddress(t, clean(p.Email))
	return t
}

func oneUsage(usage asn1.ObjectIdentifier) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(usage) })
	return b.BytesOrPanic() // only our own identifier
}

// usePeriod is a PrivateKeyUsagePeriod (X.509, 9.2.2.5).
func usePeriod(from, to time.Time) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for tag, at := range []time.Time{from, to} {
			b.AddASN1(cbasn1.Tag(tag).ContextSpecific(), func(b *cryptobyte.Builder) {
				b.AddBytes([]byte(at.UTC().Format("20060102150405Z")))
			})
		}
	})
	return b.BytesOrPanic() // only digits
}

// Where the hub answers whoever checks a certificate.
const (
	pathPrefix = "/pki/"
	pathOCSP   = pathPrefix + "ocsp"
)

// addresses says where a certificate's issuer, its CRL and its OCSP responder are
// found. A root answers by CRL alone, since its key may be kept elsewhere.
func addresses(o Options, t *x509.Certificate, issuer member, revocable bool) *x509.Certificate {
	if o.URL == "" {
		return t
	}
	begin := strings.TrimSuffix(o.URL, "/")
	file := begin + pathPrefix + KeyID(issuer.certificate)
	t.IssuingCertificateURL = []string{file + ".cer"}
	if revocable {
		t.CRLDistributionPoints = []string{file + ".crl"}
	}
	if revocable && issuer.role == Issuing {
		t.OCSPServer = []string{begin + pathOCSP}
	}
	return t
}
