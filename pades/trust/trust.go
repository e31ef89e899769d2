// Package trust says whether a certificate led to a trusted root at a time, and
// whether it was revoked then (RFC 5280, RFC 6960, ETSI EN 319 102-1).
//
// A signature outlives its certificates, so nothing is judged "now": Judge takes
// the time that is proven, such as a time-stamp's, and judges by it.
//
//	judgement := trust.Judge(signer, container.Certificates, roots, evidence, stamp.Time)
//	if judgement.Good() { … }
//
// It needs no network. Evidence is what the answer rests on: certificates, CRLs
// and OCSP responses, as a PDF keeps them in its document security store. Gather
// collects the evidence while it can still be had, from a Source; Web is the
// source for certificates of other people, over HTTP.
//
// Evidence that was issued after the proven time is the best, since only that can
// know of everything before it. A certificate revoked later was good at the time.
package trust

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"
	"time"
)

// Evidence is what a document security store holds, in DER.
type Evidence struct {
	Certificates, CRLs, OCSPs [][]byte
}

// Merge adds what is not there yet.
func (e *Evidence) Merge(more Evidence) {
	e.Certificates = merge(e.Certificates, more.Certificates)
	e.CRLs = merge(e.CRLs, more.CRLs)
	e.OCSPs = merge(e.OCSPs, more.OCSPs)
}

// merge never writes into spare room of list, which others may share.
func merge(list, more [][]byte) [][]byte {
	list = slices.Clip(list)
	for _, der := range more {
		if !slices.ContainsFunc(list, func(have []byte) bool { return bytes.Equal(have, der) }) {
			list = append(list, der)
		}
	}
	return list
}

// Source knows where revocation data comes from. It gives a CRL, an OCSP response
// or both, in DER.
type Source interface {
	Revocation(ctx context.Context, cert, issuer *x509.Certificate) (crl, ocsp []byte, err error)
}

// Status is what is known of a certificate's revocation.
type Status string

const (
	Good      Status = "good"       // not revoked at the time
	Revoked   Status = "revoked"    // at the time or before
	Unknown   Status = "unknown"    // nothing that holds says either
	NotNeeded Status = "not_needed" // there is nothing to be known
)

// Why a status is what it is. A revoked certificate has the reason of its CRL or
// OCSP entry instead, in the words of RFC 5280, 5.3.1.
const (
	AtRoot          = "root"                        // trusted by itself
	NoRevAvail      = "no_revocation_available"     // RFC 9608
	ValidityAssured = "validity_assured_short_term" // EN 319 412-1, 5.2
	NoCheck         = "ocsp_no_check"               // RFC 6960, 4.2.2.2.1
	RevokedLater    = "revoked_later"               // after the time, which makes it good
	NoEvidence      = "no_evidence"                 // none about this certificate
	StaleEvidence   = "stale_evidence"              // none that speaks of the time
	BadEvidence     = "bad_evidence"                // some, and none of it holds
)

// Revocation is what is known of one certificate.
type Revocation struct {
	Status    Status
	Reason    string    // one of the constants above, or why it was revoked; may be empty when good
	RevokedAt time.Time // zero unless revoked, even if later
	From      string    // "crl" or "ocsp"; empty when no evidence decided
	Issued    time.Time // thisUpdate of the evidence
	Next      time.Time // its nextUpdate; may be zero
	Responder *x509.Certificate
	Detail    string // what was wrong with evidence that did not hold, for logs
}

// Link is one certificate of a path.
type Link struct {
	Certificate *x509.Certificate
	Revocation  Revocation
}

// Why a certificate is not trusted.
const (
	NoTime        = "no_time"        // there is no proven time to judge at
	NoPath        = "no_path"        // no root is reached
	Expired       = "expired"        // a certificate of the path was over at the time
	NotYetValid   = "not_yet_valid"  // or had not begun
	WeakAlgorithm = "weak_algorithm" // a certificate is signed with SHA-1 or worse
	Constraint    = "constraint"     // names, purposes, lengths or extensions forbid the path
)

// Judgement is the answer about one certificate at one time.
type Judgement struct {
	At      time.Time
	Trusted bool   // a path leads to a root and held at the time
	Reason  string // why not; empty when trusted
	Detail  string // the same in words for logs
	Path    []Link // the certificate first; as far as it could be followed
}

// Good tells whether the path is trusted and no certificate of it was revoked, on
// evidence that holds for each.
func (j Judgement) Good() bool {
	s := j.Revocation().Status
	return j.Trusted && (s == Good || s == NotNeeded)
}

// gravity orders states from harmless to grave.
var gravity = map[Status]int{NotNeeded: 0, Good: 1, Unknown: 2, Revoked: 3}

// Revocation is the gravest of the path, the certificate's own before those of its
// issuers.
func (j Judgement) Revocation() Revocation {
	worst := Revocation{Status: Unknown, Reason: NoEvidence}
	for i, link := range j.Path {
		if i == 0 || gravity[link.Revocation.Status] > gravity[worst.Status] {
			worst = link.Revocation
		}
	}
	return worst
}

// Chain is the path without what is known of its revocation.
func (j Judgement) Chain() []*x509.Certificate {
	var chain []*x509.Certificate
	for _, link := range j.Path {
		chain = append(chain, link.Certificate)
	}
	return chain
}
