package pades

import (
	"context"
	"crypto/sha256"
	"encoding"
	"fmt"
	"io"
	"time"

	"chancery/pades/pdf"
	"chancery/pades/update"
	"chancery/problem"
)

// Certify places every field of spec and the organisation's certification
// signature in one increment to append to the untouched original. It reads the
// original once to hash it and else only what the pages of the fields need.
func Certify(ctx context.Context, original io.ReaderAt, size int64, spec Spec, holder Holder, at time.Time) ([]byte, Plan, error) {
	f, err := openUnsigned(original, size)
	if err != nil {
		return nil, Plan{}, err
	}
	pages, err := f.Pages()
	if err != nil {
		return nil, Plan{}, err
	}
	if err := spec.check(pages); err != nil {
		return nil, Plan{}, err
	}
	state, err := stateOf(ctx, f, original, size)
	if err != nil {
		return nil, Plan{}, err
	}
	increment, plan, err := holder.sign(ctx, spec.Level, func(room int) (Pending, error) {
		p := placing{file: f, pages: pages, spec: spec, update: update.New(state), annots: map[int]pdf.Array{}}
		if err := p.place(room, at); err != nil {
			return Pending{}, err
		}
		return pending(p.update, p.plan)
	})
	if err != nil {
		return nil, Plan{}, fmt.Errorf("certify document of %d bytes: %w", size, err)
	}
	return increment, plan, nil
}

// openUnsigned refuses a file that somebody has signed: the certification must
// be the first signature (ISO 32000-2, 12.8.2.2).
func openUnsigned(r io.ReaderAt, size int64) (*pdf.File, error) {
	f, err := pdf.Open(r, size)
	if err != nil {
		return nil, err
	}
	signed, err := signatureFields(f)
	if err != nil {
		return nil, err
	}
	if len(signed) > 0 {
		return nil, alreadySigned
	}
	return f, nil
}

var alreadySigned = problem.Invalid("pdf_already_signed", "This PDF has been signed already; another signature process would spoil that.")

// stateOf reads the whole original once.
func stateOf(ctx context.Context, f *pdf.File, original io.ReaderAt, size int64) (update.State, error) {
	root, _, err := f.Root()
	if err != nil {
		return update.State{}, err
	}
	s := update.State{
		Size: size, Base: f.Base, StartXref: f.StartXref, XrefStream: f.XrefStream,
		NextObject: f.NextObject(), Root: root,
	}
	if info, ok := f.Trailer["Info"].(pdf.Ref); ok {
		s.Info = &info
	}
	h := sha256.New()
	if err := copyTo(ctx, h, original, 0, size); err != nil {
		return update.State{}, fmt.Errorf("hash the original: %w", err)
	}
	if s.Hash, err = h.(encoding.BinaryMarshaler).MarshalBinary(); err != nil {
		return update.State{}, fmt.Errorf("keep hash of the original: %w", err)
	}
	var last [1]byte
	if _, err := original.ReadAt(last[:], size-1); err != nil {
		return update.State{}, fmt.Errorf("read the original's end: %w", err)
	}
	s.OpenLine = last[0] != '\n' && last[0] != '\r'
	s.ID, err = identifier(f, h.Sum(nil))
	return s, err
}

// identifier copies the trailer's /ID; a file without one gets its own digest.
func identifier(f *pdf.File, digest []byte) ([2][]byte, error) {
	id, err := f.Array(f.Trailer["ID"])
	if err != nil {
		return [2][]byte{}, err
	}
	if len(id) == 2 {
		first, ok1 := id[0].(pdf.String)
		second, ok2 := id[1].(pdf.String)
		if ok1 && ok2 {
			return [2][]byte{first, second}, nil
		}
	}
	return [2][]byte{digest[:16], digest[:16]}, nil
}

// copyTo hashes the bytes from up to to, in pieces, until ctx is done.
func copyTo(ctx context.Context, w io.Writer, r io.ReaderAt, from, to int64) error {
	buf := make([]byte, min(256<<10, max(1, to-from)))
	for from < to {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(int64(len(buf)), to-from)
		if k, err := r.ReadAt(buf[:n], from); int64(k) < n {
			return fmt.Errorf("read at %d: %w", from, err)
		}
		w.Write(buf[:n]) // a hash: cannot fail
		from += n
	}
	return nil
}
