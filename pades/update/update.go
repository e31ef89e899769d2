// Package update writes incremental updates: new and replaced objects, a
// cross-reference section of the kind the file already ends in, and room for a
// signature (ISO 32000-2, 7.5.6 and 12.8.1).
//
// It knows nothing of the bytes before, only where they end: State is all that
// has to be kept between two updates.
package update

import (
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"

	"chancery/pades/pdf"
)

// State is the end of a file, as the next update needs it.
type State struct {
	Size       int64    // bytes of the file
	Base       int64    // where "%PDF-" stands; offsets count from there
	StartXref  int64    // newest cross-reference section, counted from Base
	NextObject int      // lowest number never used
	XrefStream bool     // kind of the newest section
	Root       pdf.Ref  // catalog
	Info       *pdf.Ref // document information, if any
	ID         [2][]byte
	Hash       []byte // SHA-256 state after Size bytes, as crypto/sha256 marshals it
	OpenLine   bool   // the file does not end in a line end
}

// Digest continues the hash of everything before the update.
func (s State) Digest() (hash.Hash, error) {
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(s.Hash); err != nil {
		return nil, fmt.Errorf("continue hash of %d bytes: %w", s.Size, err)
	}
	return h, nil
}

// Update collects objects. Put writes in call order; the cross-reference
// section comes with Close.
type Update struct {
	state   State
	buf     []byte
	entries map[pdf.Ref]int64 // offsets from Base
	hole    Hole
}

// New starts an update after state.
func New(state State) *Update {
	u := &Update{state: state, entries: map[pdf.Ref]int64{}}
	if state.OpenLine {
		u.buf = append(u.buf, '\n')
	}
	return u
}

// Reserve takes a new object number.
func (u *Update) Reserve() pdf.Ref {
	ref := pdf.Ref{Num: u.state.NextObject}
	u.state.NextObject++
	return ref
}

// Put writes o as object ref.
func (u *Update) Put(ref pdf.Ref, o pdf.Object) {
	u.begin(ref)
	u.buf = pdf.AppendIndirect(u.buf, ref, o)
}

// Add writes o under a new number.
func (u *Update) Add(o pdf.Object) pdf.Ref {
	ref := u.Reserve()
	u.Put(ref, o)
	return ref
}

func (u *Update) begin(ref pdf.Ref) {
	u.entries[ref] = u.state.Size - u.state.Base + int64(len(u.buf))
}
