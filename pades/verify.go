package pades

import (
	"context"
	"io"

	"chancery/pades/verify"
)

// What Verify takes and gives is that of package verify, which shares nothing
// with what writes signatures here.
type (
	VerifyOptions   = verify.Options
	Report          = verify.Report
	SignatureReport = verify.Signature
	Revision        = verify.Revision
	Change          = verify.Change
	Finding         = verify.Finding
	Verdict         = verify.Verdict
	Role            = verify.Role
	Level           = verify.Level
)

const (
	Unchanged = verify.Unchanged
	Permitted = verify.Permitted
	Changed   = verify.Changed
	Broken    = verify.Broken
	Unsigned  = verify.Unsigned
)

const (
	Certification = verify.Certification
	Approval      = verify.Approval
	Closing       = verify.Seal
	Stamping      = verify.Timestamp
)

const (
	LevelB   = verify.LevelB
	LevelT   = verify.LevelT
	LevelLT  = verify.LevelLT
	LevelLTA = verify.LevelLTA
)

// Answers to whether a signer leads to a root of VerifyOptions.
const (
	Trusted      = verify.Trusted
	Untrusted    = verify.Untrusted
	TrustUnknown = verify.TrustUnknown
)

// Verify judges every signature of a file and everything that was changed after
// it, with no help from a Plan. An error means that the file could not be read as
// a PDF at all.
func Verify(ctx context.Context, r io.ReaderAt, size int64, options VerifyOptions) (Report, error) {
	return verify.Verify(ctx, r, size, options)
}
