package pades

import (
	"bytes"
	"context"
	"crypto"
	"fmt"
	"io"
	"slices"

	"chancery/pades/cms"
	"chancery/pades/pdf"
	"chancery/problem"
)

// verification is one reading of one file.
type verification struct {
	ctx     context.Context
	r       io.ReaderAt
	size    int64
	file    *pdf.File
	options VerifyOptions
}

// checked is one signature on its way to a report.
type checked struct {
	signatureField
	signature pdf.Dict
	hole      pdf.Span // the /Contents string
	end       int64    // of the signed revision
	container *cms.Container
	report    SignatureReport
}

// maxSignatures is twice what a document of ours can have.
const maxSignatures = 2 * MaxRecipients

func (v *verification) all(fields []signatureField) ([]*checked, error) {
	if len(fields) > maxSignatures {
		return nil, problem.Invalid("pdf_too_complex", "This PDF has too many signatures to be checked.")
	}
	var list []*checked
	for _, field := range fields {
		c := &checked{signatureField: field, report: SignatureReport{Field: text(pdf.String(field.name))}}
		if err := v.read(c); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b *checked) int { return int(min(1, max(-1, a.end-b.end))) })
	v.order(list)
	if err := v.digests(list); err != nil {
		return nil, err
	}
	for _, c := range list {
		v.trust(c)
		v.revision(c)
		c.report.Covers, c.report.WholeFile = c.end, c.end == v.size
	}
	if err := v.permissions(list); err != nil {
		return nil, err
	}
	return list, v.changes(list)
}

// read takes the signature's dictionary from where the file's own table says it
// is. Only problems of the machine are errors; what the file got wrong is found.
func (v *verification) read(c *checked) error {
	dict, spans, ok, err := v.file.Spans(c.value)
	if err != nil {
		return err
	}
	if !ok {
		c.report.find("signature_unreadable", "The signature is stored where no signature may be.")
		return nil
	}
	c.signature = dict
	c.report.describe(dict)
	if err := v.byteRange(c, dict, spans["Contents"]); err != nil {
		c.report.find("byte_range", "The signature does not say properly which part of the file it covers.")
		return nil
	}
	contents, _ := dict["Contents"].(pdf.String)
	container, err := cms.Parse(contents)
	if err != nil || !container.Detached() || container.Weak() {
		c.report.find("cms", "The signature's cryptographic container cannot be read.")
		return nil
	}
	c.container = container
	c.report.identify(c.container.Signer)
	return nil
}

// byteRange insists on the only shape that covers a whole revision: from 0 to
// the < of /Contents, and from behind its > to the end of the revision.
func (v *verification) byteRange(c *checked, d pdf.Dict, contents pdf.Span) error {
	a, _ := d["ByteRange"].(pdf.Array)
	if len(a) != 4 {
		return fmt.Errorf("ByteRange has %d entries", len(a))
	}
	var n [4]int64
	for i := range n {
		value, ok := a[i].(int64)
		if !ok || value < 0 || value > v.size {
			return fmt.Errorf("ByteRange entry %v", a[i])
		}
		n[i] = value
	}
	end := n[2] + n[3]
	if n[0] != 0 || n[1] != contents.From || n[2] != contents.To || end > v.size {
		return fmt.Errorf("ByteRange %v around %v", n, contents)
	}
	c.hole, c.end = contents, end
	first, err := v.bytes(contents.From, contents.From+1)
	if err != nil || first[0] != '<' {
		return fmt.Errorf("contents are no hexadecimal string (%w)", err)
	}
	return v.endsRevision(end)
}

// endsRevision wants %%EOF before end, with at most a line end behind it.
func (v *verification) endsRevision(end int64) error {
	tail, err := v.bytes(max(0, end-8), end)
	if err != nil {
		return err
	}
	if !bytes.HasSuffix(bytes.TrimRight(tail, "\r\n"), []byte("%%EOF")) {
		return fmt.Errorf("revision ends in %q", tail)
	}
	return nil
}

func (v *verification) bytes(from, to int64) ([]byte, error) {
	b := make([]byte, to-from)
	_, err := io.ReadFull(io.NewSectionReader(v.r, from, to-from), b)
	return b, err
}

// digests reads the file once for each hash algorithm in use. A running hash is
// split off at every hole and finished on its own over what follows.
func (v *verification) digests(list []*checked) error {
	for _, algorithm := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		running, at := algorithm.New(), int64(0)
		byHole := slices.Clone(list)
		slices.SortStableFunc(byHole, func(a, b *checked) int { return int(min(1, max(-1, a.hole.From-b.hole.From))) })
		for _, c := range byHole {
			if c.container == nil || c.container.Hash != algorithm {
				continue
			}
			if err := copyTo(v.ctx, running, v.r, at, c.hole.From); err != nil {
				return err
			}
			at = c.hole.From
			own, err := cloneHash(running)
			if err != nil {
				return err
			}
			if err := copyTo(v.ctx, own, v.r, c.hole.To, c.end); err != nil {
				return err
			}
			c.compare(own.Sum(nil))
		}
	}
	return nil
}

func (c *checked) compare(digest []byte) {
	if !c.container.Matches(digest) {
		c.report.find("digest", "The signed part of the file was changed after it was signed.")
	}
	if err := c.container.Check(); err != nil {
		c.report.find("signature_value", "The signature does not belong to the signer's certificate.")
	}
}
