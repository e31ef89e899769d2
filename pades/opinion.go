package pades

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/digitorus/pdfsign/verify"
)

// ErrNoOpinion means that the other implementation cannot read a file at all. It
// says nothing about the signatures.
var ErrNoOpinion = errors.New("the second implementation cannot read this file")

// SecondOpinion lets another implementation, digitorus/pdfsign, look at the same
// bytes. It returns an error unless that finds exactly the signatures of report
// and calls each of them valid; trust in the root is Verify's business alone.
//
// It gives up on about one in 150 honest files (linearised ones with a second
// cross-reference table), which is ErrNoOpinion.
//
// The other implementation parses every object of the file and knows nothing of
// changes after a signature, so it never decides alone. It is not meant for
// files that Inspect has not accepted.
func SecondOpinion(ctx context.Context, r io.ReaderAt, size int64, report Report) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ask for a second opinion: %w", err)
	}
	options := verify.DefaultVerifyOptions()
	options.TrustSignatureTime = true // as Verify does
	options.AllowUntrustedRoots = true
	options.EnableExternalRevocationCheck = false
	other, err := verify.VerifyWithOptions(r, size, options)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoOpinion, err)
	}
	if other.Error != "" {
		return fmt.Errorf("second opinion: %s", other.Error)
	}
	if len(other.Signers) != len(report.Signatures) {
		return fmt.Errorf("second opinion: %d signatures instead of %d", len(other.Signers), len(report.Signatures))
	}
	for _, s := range other.Signers {
		if !s.ValidSignature {
			return fmt.Errorf("second opinion: the signature of %q is not valid", s.Name)
		}
	}
	return nil
}
