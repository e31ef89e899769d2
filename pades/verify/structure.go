package verify

import (
	"bytes"
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// place checks that the signature covers exactly one revision, all but itself,
// and that this revision already had it in this field at this place: else it was
// moved under what we look at (the attacks known as USF, ISA and SWA).
func (s *signature) place() error {
	const unreadable, sentence = "signature_unreadable", "The signature is stored where no signature may be."
	if s.object.spans == nil {
		s.report.find(unreadable, sentence)
		return nil
	}
	if s.object.ref != s.ref && s.object.ref.Num != s.ref.Num {
		s.report.find(unreadable, sentence)
		return nil
	}
	if err := s.byteRange(); fatal(err) {
		return err
	} else if err != nil {
		s.report.find("byte_range", "The signature does not say properly which part of the file it covers.")
		return nil
	}
	i, ok := s.ending(s.end)
	switch {
	case !ok:
		s.report.find("byte_range", "The part of the file that the signature covers does not end where a revision of the document ends.")
	case i != s.rev || !s.revisions[i].named:
		s.report.find("moved", "The signature was not in this field when it was made, or the document was another one.")
	default:
		s.sound = true
	}
	return nil
}

// byteRange insists on the only shape that covers a whole revision: from 0 to
// the < of /Contents, and from behind its > to the end. The values come from the
// dictionary that the cross-reference section leads to.
func (s *signature) byteRange() error {
	a, _ := s.dict["ByteRange"].(pdf.Array)
	if len(a) != 4 {
		return damaged(fmt.Errorf("ByteRange has %d entries", len(a)))
	}
	var n [4]int64
	for i := range n {
		value, ok := a[i].(int64)
		if !ok || value < 0 || value > s.size {
			return damaged(fmt.Errorf("ByteRange entry %v", a[i]))
		}
		n[i] = value
	}
	s.hole = s.object.spans["Contents"]
	s.end = n[2] + n[3]
	if n[0] != 0 || n[1] != s.hole[0] || n[2] != s.hole[1] || s.end > s.size {
		return damaged(fmt.Errorf("ByteRange %v around %v", n, s.hole))
	}
	return s.hexadecimal()
}

// hexadecimal wants nothing but digits between < and >: the hole is the one part
// that nobody signs, so it must have room for nothing else.
func (s *signature) hexadecimal() error {
	if s.hole[1]-s.hole[0] > maxSource {
		return damaged(fmt.Errorf("contents of %d bytes", s.hole[1]-s.hole[0]))
	}
	text, err := s.window(s.hole[0], int(s.hole[1]-s.hole[0]))
	if err != nil {
		return err
	}
	if len(text) < 2 || text[0] != '<' || text[len(text)-1] != '>' {
		return damaged(fmt.Errorf("contents are no hexadecimal string"))
	}
	if rest := bytes.Trim(text[1:len(text)-1], "0123456789abcdefABCDEF"); len(rest) > 0 {
		return damaged(fmt.Errorf("contents hold %q", rest[:min(10, len(rest))]))
	}
	return nil
}

// order sorts the signatures by what they cover, and sets aside those whose
// revisions are not nested one in the next. What is left covers every byte at
// most once behind its hole, so hashing it all costs one reading of the file,
// whatever the file says.
func order(list []*signature) {
	slices.SortStableFunc(list, func(a, b *signature) int { return int(max(-1, min(1, a.end-b.end))) })
	end := int64(0)
	for _, s := range list {
		if !s.sound {
			continue
		}
		if s.hole[0] < end {
			s.report.find("overlap", "The signature shares its revision with another one.")
			s.sound = false
			continue
		}
		end = s.end
	}
}
