package verify

import (
	"cmp"
	"crypto"
	_ "crypto/sha256" // for revisions
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"slices"
)

// stop is a place at which somebody wants to know the hash so far.
type stop struct {
	at   int64
	take func(hash.Hash) error
}

// digests reads the file once for each hash algorithm in use: for all
// signatures, and with SHA-256 for the revisions.
func (h *history) digests(report *Report) error {
	stops := map[crypto.Hash][]stop{crypto.SHA256: h.revisionStops(report)}
	for _, s := range h.signatures {
		if s.sound && s.hash != 0 {
			stops[s.hash] = append(stops[s.hash], stop{s.hole[0], s.finish})
		}
	}
	for _, algorithm := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		if err := h.run(algorithm, stops[algorithm]); err != nil {
			return err
		}
	}
	return nil
}

// run hashes on from stop to stop, and splits off a copy at each.
func (h *history) run(algorithm crypto.Hash, stops []stop) error {
	if len(stops) == 0 {
		return nil
	}
	slices.SortStableFunc(stops, func(a, b stop) int { return cmp.Compare(a.at, b.at) })
	running, at := algorithm.New(), int64(0)
	for _, s := range stops {
		if err := h.copy(running, at, s.at); err != nil {
			return err
		}
		at = s.at
		cloner, ok := running.(hash.Cloner)
		if !ok {
			return fmt.Errorf("split off a %T", running)
		}
		own, err := cloner.Clone()
		if err != nil {
			return fmt.Errorf("split off a hash: %w", err)
		}
		if err := s.take(own); err != nil {
			return err
		}
	}
	return nil
}

// finish hashes what follows the signature's hole.
func (s *signature) finish(own hash.Hash) error {
	if err := s.copy(own, s.hole[1], s.end); err != nil {
		return err
	}
	s.compare(own.Sum(nil))
	return nil
}

// revisionStops notes the digest of every revision, and of the whole file.
func (h *history) revisionStops(report *Report) []stop {
	var stops []stop
	for i := range report.Revisions {
		r := &report.Revisions[i]
		stops = append(stops, stop{r.End, func(own hash.Hash) error {
			r.SHA256 = hex.EncodeToString(own.Sum(nil))
			return nil
		}})
	}
	return append(stops, stop{h.size, func(own hash.Hash) error {
		report.SHA256 = hex.EncodeToString(own.Sum(nil))
		return nil
	}})
}

// copySize is how much of the file is read at once, in bytes.
const copySize = 256 << 10

// copy hashes the bytes from up to to, until the context is done.
func (f *file) copy(into io.Writer, from, to int64) error {
	if to > from && f.buffer == nil {
		f.buffer = make([]byte, min(copySize, f.size))
	}
	for from < to {
		if err := f.ctx.Err(); err != nil {
			return err
		}
		piece := f.buffer[:min(int64(len(f.buffer)), to-from)]
		if n, err := f.r.ReadAt(piece, from); n < len(piece) {
			return fmt.Errorf("read at %d: %w", from, err)
		}
		into.Write(piece) // a hash: cannot fail
		from += int64(len(piece))
	}
	return nil
}
