package pades

import (
	"bytes"
	"fmt"
	"io"

	"github.com/digitorus/pdf"
	"github.com/digitorus/timestamp"
)

// stampsOpinion is digitorus/timestamp's on the document timestamps of a file. It
// counts the signatures too, so that none hides behind the first timestamp.
func stampsOpinion(r io.ReaderAt, size int64, signatures, stamps int) (err error) {
	defer func() {
		if cause := recover(); cause != nil { // its reader of PDFs panics on what it does not understand
			err = fmt.Errorf("%w: %v", ErrNoOpinion, cause)
		}
	}()
	file, err := pdf.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoOpinion, err)
	}
	for _, x := range file.Xref() {
		d := file.Resolve(x.Ptr(), x.Ptr())
		switch {
		case d.Key("Filter").Name() != "Adobe.PPKLite":
		case d.Key("SubFilter").Name() == "ETSI.RFC3161":
			stamps--
			if err := stampOpinion(r, d); err != nil {
				return fmt.Errorf("second opinion: %w", err)
			}
		default:
			signatures--
		}
	}
	if signatures != 0 || stamps != 0 {
		return fmt.Errorf("second opinion: %d signatures and %d timestamps fewer than reported", signatures, stamps)
	}
	return nil
}

// stampOpinion checks the token's own signature and its imprint of the file.
func stampOpinion(r io.ReaderAt, d pdf.Value) error {
	token, err := timestamp.Parse([]byte(d.Key("Contents").RawString()))
	if err != nil {
		return fmt.Errorf("read document timestamp: %w", err)
	}
	h := token.HashAlgorithm.New()
	ranges := d.Key("ByteRange")
	for i := 0; i+1 < ranges.Len(); i += 2 {
		part := io.NewSectionReader(r, ranges.Index(i).Int64(), ranges.Index(i+1).Int64())
		if _, err := io.Copy(h, part); err != nil {
			return fmt.Errorf("read what the document timestamp covers: %w", err)
		}
	}
	if !bytes.Equal(h.Sum(nil), token.HashedMessage) {
		return fmt.Errorf("the document timestamp is of other bytes")
	}
	return nil
}
