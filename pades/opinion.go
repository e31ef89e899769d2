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

// SecondOpinion lets other implementations, digitorus/pdfsign and
// digitorus/timestamp, look at the same bytes. It returns an error unless they
// find exactly the signatures and document timestamps of report and call each of
// them valid; trust in the root is Verify's business alone.
//
// They give up on about one in 150 honest files (linearised ones with a second
// cross-reference table) and on signatures made after a document timestamp, which
// is ErrNoOpinion.
//
// They parse every object of the file and know nothing of changes after a
// signature, so they never decide alone. They are not meant for files that Inspect
// has not accepted.
func SecondOpinion(ctx context.Context, r io.ReaderAt, size int64, report Report) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("ask for a second opinion: %w", err)
	}
	// pdfsign takes a document timestamp for a broken signature, so it sees the
	// file as it was before the first of them.
	before, signatures, stamps := size, 0, 0
	for _, s := range report.Signatures {
		switch {
		case s.Role == Stamping:
			stamps++
		case stamps > 0:
			return fmt.Errorf("%w: a signature follows a document timestamp", ErrNoOpinion)
		default:
			signatures++
		}
	}
	if stamps > 0 && signatures > 0 {
		before = report.Signatures[signatures-1].Covers
	}
	if err := secondOpinion(io.NewSectionReader(r, 0, before), before, signatures); err != nil || stamps == 0 {
		return err
	}
	return stampsOpinion(r, size, signatures, stamps)
}

// secondOpinion is pdfsign's on a file without document timestamps.
func secondOpinion(r io.ReaderAt, size int64, signatures int) error {
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
	if len(other.Signers) != signatures {
		return fmt.Errorf("second opinion: %d signatures instead of %d", len(other.Signers), signatures)
	}
	for _, s := range other.Signers {
		if !s.ValidSignature {
			return fmt.Errorf("second opinion: the signature of %q is not valid", s.Name)
		}
	}
	return nil
}
