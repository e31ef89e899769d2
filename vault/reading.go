package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// unsealing is a blob being read. Its first error is its last word: Tink's
// reader would answer io.EOF to a second Read after a damaged last segment.
type unsealing struct {
	name   string
	sealed io.Closer
	source watched
	stream io.Reader
	failed error
}

func (u *unsealing) Read(p []byte) (int, error) {
	if u.failed != nil {
		return 0, u.failed
	}
	n, err := u.stream.Read(p)
	if err == nil {
		return n, nil
	}
	if u.failed = io.EOF; !errors.Is(err, io.EOF) {
		u.failed = fmt.Errorf("read blob %s: %w", u.name, u.source.blame())
	}
	return n, u.failed
}

func (u *unsealing) Close() error { return u.sealed.Close() }

// watched remembers whether reading itself went wrong, which another try may
// mend; if it did not, the bytes are to blame.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

func (w *watched) blame() error {
	if w.err != nil {
		return w.err
	}
	return ErrDamaged
}

// patient reads until its context has no patience left.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}
