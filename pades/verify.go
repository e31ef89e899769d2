package pades

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"time"

	"chancery/pades/pdf"
)

// Verdict is the one word about a whole file.
type Verdict string

const (
	Intact   Verdict = "intact"   // every signature holds and the last one covers the whole file
	Changed  Verdict = "changed"  // every signature holds, and something was added after the last one
	Broken   Verdict = "broken"   // some signature does not hold
	Unsigned Verdict = "unsigned" // there is no signature
)

// Role is what a signature is for.
type Role string

const (
	Certification Role = "certification" // DocMDP: first, and says what may follow
	Approval      Role = "approval"      // one person
	Closing       Role = "seal"          // FieldMDP All: nothing may follow
)

// VerifyOptions say whom to trust and when it is.
type VerifyOptions struct {
	Roots []*x509.Certificate
	Now   time.Time // certificates are judged at the time of signing, which may not lie after this
}

// Report is what Verify found.
type Report struct {
	Verdict    Verdict           `json:"verdict"`
	Signatures []SignatureReport `json:"signatures"` // in the order they were made
	Size       int64             `json:"size"`
}

// SignatureReport is what is known of one signature. Every finding is a reason
// not to rely on it; a signature without findings holds.
type SignatureReport struct {
	Field        string    `json:"field"`
	Role         Role      `json:"role"`
	Name         string    `json:"name"` // from the certificate
	Email        string    `json:"email,omitempty"`
	SerialNumber string    `json:"serialNumber,omitempty"` // of the person, from the certificate
	SignedAt     time.Time `json:"signedAt"`               // as the signer says
	Reason       string    `json:"reason,omitempty"`
	Trusted      bool      `json:"trusted"` // the chain leads to a root of VerifyOptions
	Covers       int64     `json:"covers"`  // the signed revision ends here
	WholeFile    bool      `json:"wholeFile"`
	Locks        []string  `json:"locks,omitempty"` // names of the fields it locks
	Findings     []Finding `json:"findings,omitempty"`
}

// Holds tells that nothing speaks against the signature.
func (s SignatureReport) Holds() bool { return len(s.Findings) == 0 }

// Finding is one reason, for programs (Code) and people (Sentence).
type Finding struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

func (s *SignatureReport) find(code, sentence string) {
	s.Findings = append(s.Findings, Finding{code, sentence})
}

// Verify reads a signed file from its own cross-reference table and checks
// every signature: that its ByteRange leaves out the signature and nothing
// else, digest, signature value, certificate, chain and permissions. It reads
// the file once for all digests. An error means that the file could not be
// read as a PDF at all.
func Verify(ctx context.Context, r io.ReaderAt, size int64, options VerifyOptions) (Report, error) {
	f, err := pdf.Open(r, size)
	if err != nil {
		return Report{}, err
	}
	fields, err := signatureFields(f)
	if err != nil {
		return Report{}, err
	}
	v := verification{ctx: ctx, r: r, size: size, file: f, options: options}
	report := Report{Size: size}
	checked, err := v.all(fields)
	if err != nil {
		return Report{}, fmt.Errorf("verify document of %d bytes: %w", size, err)
	}
	for _, c := range checked {
		report.Signatures = append(report.Signatures, c.report)
	}
	report.Verdict = report.verdict()
	return report, nil
}

func (r Report) verdict() Verdict {
	if len(r.Signatures) == 0 {
		return Unsigned
	}
	for _, s := range r.Signatures {
		if !s.Holds() {
			return Broken
		}
	}
	if r.Signatures[len(r.Signatures)-1].WholeFile {
		return Intact
	}
	return Changed
}
