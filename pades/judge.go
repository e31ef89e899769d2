package pades

import (
	"fmt"
	"hash"
	"io"

	"chancery/pades/pdf"
)

func cloneHash(h hash.Hash) (hash.Hash, error) {
	c, ok := h.(hash.Cloner)
	if !ok {
		return nil, fmt.Errorf("split off a %T", h)
	}
	return c.Clone()
}

// order sets aside signatures whose revisions are not nested one in the next.
// What is left covers every byte at most once after its hole, so hashing it all
// costs one reading of the file, whatever the file says.
func (v *verification) order(list []*checked) {
	end := int64(0)
	for _, c := range list {
		if c.container == nil {
			continue
		}
		if c.hole.From < end {
			c.report.find("overlap", "The signature shares its revision with another one.")
			c.container = nil
			continue
		}
		end = c.end
	}
}

// revision reads the signed revision by itself: it must be a PDF of its own, in
// which the same field already held this signature at this place. Otherwise
// the signature was moved under what we look at.
func (v *verification) revision(c *checked) {
	if c.container == nil || c.end == v.size {
		return
	}
	const moved, sentence = "moved", "The signature was not in this field when it was made."
	f, err := pdf.Open(io.NewSectionReader(v.r, 0, c.end), c.end)
	if err != nil {
		c.report.find(moved, sentence)
		return
	}
	_, spans, ok, err := f.Spans(c.value)
	if err != nil || !ok || spans["Contents"] != c.hole {
		c.report.find(moved, sentence)
		return
	}
	field, err := f.Dict(c.field)
	if err != nil || field["V"] != pdf.Object(c.value) {
		c.report.find(moved, sentence)
	}
}
