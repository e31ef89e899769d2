// Package verify judges signed PDFs: what every signature covers and who made
// it, and what was done to the document after it (ISO 32000-2, 12.8; ETSI EN 319
// 142-1).
//
// It trusts nobody who wrote a file, our own writer included. So it has a reader
// of its own, which shares with the writer's only the types of objects and the
// lexer, follows the whole chain of cross-reference sections, and knows for
// every object in which revision it was defined. Each revision after the first
// signature is compared with the one before it; whatever no rule explains was
// not permitted.
//
// Read Verify first, then history.go (revision by revision), transition.go (one
// step, and which rule explains which object) and structure.go (what a
// signature must cover). The rules are in the files rule_*.go.
package verify

import (
	"context"
	"crypto/x509"
	"io"
	"time"

	"chancery/problem"
)

// Options say whom to trust, when it is, and how much is forgiven.
type Options struct {
	// Roots to trust. Without any, trust is reported as unknown.
	Roots []*x509.Certificate
	// Now is when the question is asked; the zero time is the present.
	Now time.Time
	// Strict allows only what this module's own writer does to a file. Otherwise
	// the habits of other programs are allowed too, as far as nobody can be
	// deceived by them.
	Strict bool
}

var encrypted = problem.Invalid("pdf_encrypted", "This PDF is encrypted; its signatures cannot be checked.")

// Verify reads a file and judges all of its signatures. It reads the bytes once
// for all digests, and else only what the changes between revisions touch. An
// error means that the file could not be read as a PDF at all, that it goes over
// a limit, or that ctx is done.
func Verify(ctx context.Context, r io.ReaderAt, size int64, options Options) (Report, error) {
	if options.Now.IsZero() {
		options.Now = time.Now()
	}
	f, err := open(ctx, r, size)
	if err != nil {
		return Report{}, err
	}
	h, err := f.read(options.Strict)
	if err != nil {
		return Report{}, err
	}
	for _, s := range h.signatures {
		if err := s.judge(); err != nil {
			return Report{}, err
		}
	}
	order(h.signatures)
	report := Report{Size: size, Signatures: []Signature{}}
	if err := h.ends(&report); err != nil {
		return Report{}, err
	}
	if err := h.digests(&report); err != nil {
		return Report{}, err
	}
	return report, h.conclude(&report, options)
}

// ends lists the revisions. One ends behind its %%EOF and the line end there, or
// where its signature says.
func (h *history) ends(report *Report) error {
	for i, r := range h.revisions {
		end := r.eof
		after, err := h.window(min(end, h.size-1), 2)
		if err != nil {
			return err
		}
		switch {
		case end >= h.size:
		case len(after) == 2 && string(after) == "\r\n":
			end += 2
		case after[0] == '\n' || after[0] == '\r':
			end++
		}
		out := Revision{Number: i + 1, End: end, Changes: h.changes[i]}
		for _, s := range h.signatures {
			if s.sound && s.rev == i {
				out.End, out.Signature = s.end, s.field.name
			}
		}
		report.Revisions = append(report.Revisions, out)
	}
	return nil
}

// conclude puts the report together once all digests are known.
func (h *history) conclude(report *Report, options Options) error {
	proofs(h.signatures)
	bench, err := h.bench(options)
	if err != nil {
		return err
	}
	for _, s := range h.signatures {
		bench.judge(s)
		if s.weakStamp && h.strict {
			s.report.find("timestamp", "A timestamp of the signature does not hold.")
		} else if s.weakStamp { // it is no part of what was signed: anybody may have put it there
			s.report.note("timestamp", "A timestamp of the signature does not hold; it proves nothing.")
		}
		s.report.Covers, s.report.WholeFile = s.end, s.sound && s.end == h.size
		s.report.Locks = s.locks()
		if s.gone {
			s.report.note("taken_away", "A later revision does not show this signature any more.")
		}
	}
	h.certification()
	verdict := h.verdict(report)
	if len(h.signatures) > 0 {
		first := h.signatures[0].report
		report.Certified = first.Role == Certification && first.Holds()
	}
	h.blame(report)
	for _, s := range h.signatures {
		report.Signatures = append(report.Signatures, s.report)
	}
	report.Verdict, report.Level = verdict, lowest(h.signatures)
	report.Sentence = report.sentence()
	return nil
}
