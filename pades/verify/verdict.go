package verify

import (
	"slices"

	"chancery/pades/pdf"
)

// certification checks that there is at most one, that it is the first signature
// and that the catalog names it (ISO 32000-2, 12.8.2.2 and 12.8.6).
func (h *history) certification() {
	last := view{h.file, len(h.revisions) - 1}
	var perms pdf.Dict
	if _, root, err := last.root(); err == nil {
		perms, _ = last.dict(root["Perms"])
	}
	for i, s := range h.signatures {
		switch {
		case s.report.Role != Certification:
		case i > 0 && s.report.Permits != 0 && h.strict:
			s.report.find("certified_late", "The certification is not the first signature.")
		case i > 0:
			s.report.note("certified_late", "The certification is not the first signature.")
		case perms["DocMDP"] == nil && !h.strict:
			s.report.note("certification_dropped", "The document does not name its certification.")
		case perms["DocMDP"] != pdf.Object(s.ref):
			s.report.find("certification_dropped", "The document no longer names its certification.")
		}
	}
	if len(h.signatures) > 0 && perms["DocMDP"] != nil && h.signatures[0].report.Role != Certification {
		const code, sentence = "certification_missing", "The document names a certification that is not its first signature."
		if h.strict {
			h.signatures[0].report.find(code, sentence)
		} else {
			h.signatures[0].report.note(code, sentence)
		}
	}
}

func (s *signature) locks() []string {
	if s.lock == nil {
		return nil
	}
	if !s.lock.except {
		return s.lock.names
	}
	return append([]string{"*"}, prefixed("-", s.lock.names)...)
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = prefix + name
	}
	return out
}

func (h *history) verdict(report *Report) Verdict {
	if len(h.signatures) == 0 {
		return Unsigned
	}
	for _, s := range h.signatures {
		if !s.report.Holds() {
			return Broken
		}
	}
	for _, changes := range h.changes {
		if slices.ContainsFunc(changes, func(c Change) bool { return !c.Allowed }) {
			return Changed
		}
	}
	newest := h.signatures[len(h.signatures)-1]
	if newest.end == h.size {
		return Unchanged
	}
	return h.rest(report)
}

// rest judges what follows the last revision: white space is nothing to worry
// about in other people's files, anything else was added by nobody who signed.
func (h *history) rest(report *Report) Verdict {
	last := &h.revisions[len(h.revisions)-1]
	if last.eof >= h.size {
		return Permitted
	}
	number := len(h.revisions)
	changes := &report.Revisions[number-1].Changes
	more, err := h.window(last.eof, maxLineEnd+1)
	if err == nil && len(more) <= maxLineEnd && blank(more) && !h.strict {
		return Permitted
	}
	if end, ok := h.ending(h.size); ok && end == number-1 && h.signatures[len(h.signatures)-1].rev != end {
		return Permitted // the line end of an update without a signature
	}
	*changes = append(*changes, Change{Revision: number, Kind: Structure, Sentence: "Something stands behind the end of the document."})
	return Changed
}

// blame says of every signature whether what came later was allowed.
func (h *history) blame(report *Report) {
	for _, s := range h.signatures {
		for _, r := range report.Revisions[min(s.rev, len(report.Revisions)):] {
			later := r.Number > s.rev+1 || r.Number == s.rev+1 && r.End > s.end
			if later && slices.ContainsFunc(r.Changes, func(c Change) bool { return !c.Allowed }) {
				s.report.find("change_not_allowed", "The document was later changed in a way that this signature does not allow.")
				break
			}
		}
	}
}

// lowest is the level of the document: that of its weakest signature.
func lowest(list []*signature) Level {
	order := []Level{"", LevelB, LevelT, LevelLT, LevelLTA}
	least, any := len(order)-1, false
	for _, s := range list {
		if s.report.Role != Timestamp {
			least, any = min(least, slices.Index(order, s.report.Level)), true
		}
	}
	if !any {
		return ""
	}
	return order[least]
}
