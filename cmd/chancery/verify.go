package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"chancery/pades"
	"chancery/pki"
)

type verify struct {
	File   string `arg:"" type:"existingfile" help:"The PDF."`
	Trust  string `type:"existingfile" help:"PEM file with the roots to trust; without it, who signed is shown but not vouched for."`
	Strict bool   `help:"Allow only the changes that a hub makes, none of the habits of other programs."`
	JSON   bool   `help:"Print the whole report as JSON."`
}

// Exit codes of verify, for scripts; 0 is unchanged, and 1 a file that cannot be
// read.
const (
	exitPermitted = 3
	exitChanged   = 4
	exitBroken    = 5
	exitUnsigned  = 6
)

func (c verify) Run(ctx context.Context) error {
	file, size, err := openPDF(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	roots, err := readRoots(c.Trust)
	if err != nil {
		return err
	}
	report, err := pades.Verify(ctx, file, size, pades.VerifyOptions{Roots: roots, Now: time.Now(), Strict: c.Strict})
	if err != nil {
		return err
	}
	if err := c.print(os.Stdout, report); err != nil {
		return err
	}
	return verdictExit(report)
}

// openPDF opens a file and tells its size in bytes.
func openPDF(path string) (*os.File, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// verdictExit says again on the error output what the exit code means.
func verdictExit(report pades.Report) error {
	code := map[pades.Verdict]int{
		pades.Permitted: exitPermitted, pades.Changed: exitChanged, pades.Broken: exitBroken, pades.Unsigned: exitUnsigned,
	}[report.Verdict]
	if code == 0 {
		return nil
	}
	return exit{code, errors.New(report.Sentence)}
}

func (c verify) print(w io.Writer, report pades.Report) error {
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(report)
	}
	page := &lines{w: w}
	page.say("%s: %s", report.Verdict, report.Sentence)
	page.say("%d bytes, SHA-256 %s", report.Size, report.SHA256)
	for i, s := range report.Signatures {
		page.signature(i+1, s)
	}
	for _, r := range report.Revisions {
		page.revision(r)
	}
	return page.err
}

// lines prints until the first error.
type lines struct {
	w   io.Writer
	err error
}

func (l *lines) say(format string, args ...any) {
	if l.err == nil {
		_, l.err = fmt.Fprintf(l.w, format+"\n", args...)
	}
}

const timeFormat = "2006-01-02 15:04:05 MST"

func (l *lines) signature(number int, s pades.SignatureReport) {
	who := strings.TrimSuffix(s.Name+" <"+s.Email+">", " <>")
	if s.Organisation != "" && s.Organisation != s.Name {
		who += ", " + s.Organisation
	}
	l.say("")
	l.say("%d. %s by %s", number, s.Role, who)
	if !s.SignedAt.IsZero() {
		l.say("   signed %s, as the signer says", s.SignedAt.UTC().Format(timeFormat))
	}
	if s.ProvenAt != nil {
		l.say("   existed %s, as %s proves", s.ProvenAt.UTC().Format(timeFormat), s.ProvenBy)
	}
	switch {
	case s.Level != "":
		l.say("   level %s", strings.TrimSuffix(string(s.Level)+": "+s.LevelReason, ": "))
	case s.LevelReason != "":
		l.say("   no PAdES baseline signature: %s", s.LevelReason)
	}
	l.say("   %s", trustLine(s))
	if s.Revocation != "" {
		l.say("   %s", s.Revocation)
	}
	l.say("   field %q, revision %d, the first %d bytes of the file", s.Field, s.Revision, s.Covers)
	if len(s.Locks) > 0 {
		l.say("   locks %s", lockLine(s.Locks))
	}
	for _, f := range s.Findings {
		l.say("   NOT VALID: %s", f.Sentence)
	}
	for _, f := range s.Notes {
		l.say("   note: %s", f.Sentence)
	}
}

func trustLine(s pades.SignatureReport) string {
	if s.Trust == pades.Trusted {
		return "trusted: " + strings.Join(s.Path, " → ")
	}
	if s.Trust == pades.Untrusted {
		return "not trusted"
	}
	return "trust unknown: name the roots you trust with --trust"
}

func lockLine(locks []string) string {
	if locks[0] == "*" {
		return "every field"
	}
	return strings.Join(locks, ", ")
}

func (l *lines) revision(r pades.Revision) {
	if len(r.Changes) == 0 {
		return
	}
	l.say("")
	if r.Signature != "" {
		l.say("Revision %d, signed in %q:", r.Number, r.Signature)
	} else {
		l.say("Revision %d, not signed:", r.Number)
	}
	for _, c := range r.Changes {
		if c.Allowed {
			l.say("   %s", c.Sentence)
		} else {
			l.say("   NOT PERMITTED: %s", c.Sentence)
		}
	}
}

func readRoots(path string) ([]*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots, err := pki.Certificates(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return roots, nil
}
