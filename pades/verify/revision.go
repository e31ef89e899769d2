package verify

import (
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// revision is one step in the life of the file: what one program wrote in one
// go, original or incremental update (ISO 32000-2, 7.5.6).
type revision struct {
	sections []*section // newest first; a linearised original has two
	trailer  pdf.Dict
	start    int64    // absolute: the end of the revision before
	eof      int64    // absolute, behind "%%EOF"
	odd      []string // what is wrong with how it was put together
	loose    bool     // white space stands where its section should begin
	named    bool     // read by itself, it would begin with this very section
}

func (r *revision) find(num int) (entry, bool) {
	for _, s := range r.sections {
		if e, ok := s.find(num); ok {
			return e, true
		}
	}
	return entry{}, false
}

// touched lists the object numbers that the revision has entries for, sorted.
func (r *revision) touched() []int {
	var all []int
	for _, s := range r.sections {
		for _, runs := range [][]run{s.runs, s.hidden} {
			for _, run := range runs {
				for i := range run.entries {
					all = append(all, run.start+i)
				}
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// twice tells whether the revision has more than one entry for a number.
func (r *revision) twice() bool {
	seen := map[int]bool{}
	for _, s := range r.sections {
		for _, run := range s.runs {
			for i := range run.entries {
				if seen[run.start+i] {
					return true
				}
				seen[run.start+i] = true
			}
		}
	}
	return false
}

// sortRevisions turns the sections, newest first, into revisions, oldest first.
// A revision ends at the %%EOF behind its section.
func (f *file) sortRevisions(sections []*section) error {
	for len(sections) > 0 {
		var r revision
		r, sections = f.nextRevision(sections)
		f.revisions = append(f.revisions, r)
	}
	slices.Reverse(f.revisions)
	for i := range f.revisions[1:] {
		f.revisions[i+1].start = f.revisions[i].eof
		if f.revisions[i+1].eof <= f.revisions[i].eof {
			return damaged(fmt.Errorf("revision %d ends before its predecessor", i+2))
		}
	}
	return nil
}

// nextRevision takes the newest revision off the sections. A linearised original
// has two: its end names the first, whose predecessor stands further behind in the
// file (ISO 32000-2, annex F). Nothing else may be read so, or an update could lead
// through a section that was hidden in the original into a signed revision, which
// then would show something else.
func (f *file) nextRevision(sections []*section) (revision, []*section) {
	s, rest := sections[0], sections[1:]
	r := revision{sections: []*section{s}, trailer: s.trailer, loose: s.loose}
	named, eof, ok := f.tail(s.end)
	if len(rest) == 1 && rest[0].at > s.at {
		if second, end, found := f.tail(rest[0].end); found && f.leadsTo(second, s) {
			r.sections = append(r.sections, rest[0])
			named, eof, ok, rest = second, end, true, nil
		}
	}
	r.named = ok && (named == s.at || named == s.asked)
	switch {
	case !ok:
		r.odd = append(r.odd, "it has no proper end")
		eof = s.end
	case named != s.at:
		r.odd = append(r.odd, "its end names another cross-reference section")
	}
	r.eof = eof
	return r, rest
}

// maxGap is the white space, in bytes, that may stand before a section of a
// linearised file. Some programs put the update's /Prev before it.
const maxGap = 64

// leadsTo tells whether whoever looks for a section at a place finds this one.
func (f *file) leadsTo(at int64, s *section) bool {
	from, to := min(at, s.at), max(at, s.at)
	if from == to {
		return true
	}
	if from < 0 || to-from > maxGap {
		return false
	}
	gap, err := f.window(f.base+from, int(to-from))
	return err == nil && int64(len(gap)) == to-from && blank(gap)
}

// tail reads "startxref", a number and "%%EOF" from pos.
func (f *file) tail(pos int64) (named, eof int64, ok bool) {
	if pos >= f.size {
		return 0, 0, false
	}
	err := f.lex(pos, func(l *pdf.Lexer) error {
		word, err := l.Word()
		if err != nil {
			return err
		}
		if word == "trailer" { // some writers repeat that of a stream
			if _, err := l.Object(); err != nil {
				return err
			}
			if word, err = l.Word(); err != nil {
				return err
			}
		}
		value, err2 := l.Word()
		if err2 != nil {
			return err2
		}
		n, isNumber := digits(value)
		if word != "startxref" || !isNumber {
			return fmt.Errorf("%.20q %.20q instead of startxref", word, value)
		}
		named, eof = n, pos+int64(l.Pos())
		return nil
	})
	if err != nil {
		return 0, 0, false
	}
	rest, err := f.window(eof, 64)
	if err != nil {
		return 0, 0, false
	}
	i := 0
	for i < len(rest) && isSpace(rest[i]) {
		i++
	}
	const mark = "%%EOF"
	if len(rest) < i+len(mark) || string(rest[i:i+len(mark)]) != mark {
		return 0, 0, false
	}
	return named, eof + int64(i+len(mark)), true
}

// ending finds the revision that ends at the absolute position end: at its
// %%EOF or behind the line end after it, and before anything else.
func (f *file) ending(end int64) (int, bool) {
	for i, r := range f.revisions {
		if end < r.eof || end > r.eof+maxLineEnd {
			continue
		}
		if end == r.eof {
			return i, true
		}
		after, err := f.window(r.eof, int(end-r.eof))
		return i, err == nil && len(after) == int(end-r.eof) && blank(after)
	}
	return 0, false
}

// maxLineEnd is how many bytes of white space may end a revision: some writers
// put an empty line, some a padding.
const maxLineEnd = 16

func blank(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return !isSpace(c) }) }
