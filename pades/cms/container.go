package cms

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"time"
)

// Container is a parsed SignedData with its one signer.
type Container struct {
	Certificates []*x509.Certificate // those that could be read, in their order
	CRLs         [][]byte            // DER, from SignedData and the Adobe attribute
	OCSPs        [][]byte            // OCSPResponse in DER, from the Adobe attribute
	Signer       *x509.Certificate
	Hash         crypto.Hash // of the content

	Type    asn1.ObjectIdentifier // of the content, OIDData or OIDTSTInfo
	Content []byte                // nil when the content is detached

	// HasSigningTime tells of the attribute that PAdES forbids (EN 319 142-1, 6.3),
	// and SigningTime is what it claims.
	HasSigningTime bool
	SigningTime    time.Time
	// BoundToCertificate tells that signing-certificate or its version 2 is there,
	// and names Signer wherever it is.
	BoundToCertificate bool
	// Timestamps are the signature time-stamp tokens, over SHA-256 or another hash
	// of Value. They are not signed and not checked here: see package tsp.
	Timestamps [][]byte
	Value      []byte // the signature itself
	// Behind is how many bytes follow the container, up to the last that is not
	// zero. Nothing should, and nothing covers them.
	Behind int

	digest       []byte // the message-digest attribute
	attributes   []byte // DER SET; nil when nothing but the content is signed
	namesAnother bool   // a signing-certificate attribute names another certificate
	method       method
	loose        error // see Loose
}

// Limits on what one container may bring along.
const (
	maxCertificates = 64
	maxRevocations  = 256 // CRLs and OCSP responses together
	maxTimestamps   = 16
)
