package verify

import (
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// composition looks at how an update was put together. Viewers that find
// something odd try to mend it, each in its own way, so after a signature
// nothing may be odd.
func (t *transition) composition() error {
	r := &t.after.revisions[t.after.rev]
	for _, odd := range r.odd {
		t.odd(odd)
	}
	if len(r.sections) > 1 || r.sections[0].hybrid {
		t.odd("it has two tables of contents")
	}
	if t.strict && r.loose {
		t.odd("its table of contents is not where it should be")
	}
	if r.twice() {
		t.odd("its table of contents lists an object twice")
	}
	was, is := t.before.trailer(), r.trailer
	if was["Root"] != is["Root"] {
		t.reject(Change{Kind: Catalog, Sentence: "The document now begins at another place."})
	}
	if a, _ := was["ID"].(pdf.Array); t.strict && len(a) == 2 { // some programs give an update an ID of its own
		if b, _ := is["ID"].(pdf.Array); len(b) != 2 || !t.same(a[0], b[0]) {
			t.odd("it belongs to another document")
		}
	}
	if err := t.packed(r); err != nil {
		return err
	}
	return t.tile(r)
}

// packed wants the new object streams to hold each object once, at the index that
// the entry says: readers go by the one or by the other.
func (t *transition) packed(r *revision) error {
	for _, run := range r.sections[0].runs {
		for i, e := range run.entries {
			if e.kind != inStream || !t.inside(e, r) {
				continue
			}
			home := t.after.entry(int(e.at))
			c, err := t.after.container(home.at, int(e.at))
			if fatal(err) {
				return err
			}
			if err != nil || !c.unique(run.start+i, int(e.gen)) {
				t.odd(fmt.Sprintf("object %d is not where it should be", run.start+i))
				return nil
			}
		}
	}
	return nil
}

func (t *transition) odd(what string) {
	t.reject(Change{Kind: Structure, Sentence: fmt.Sprintf("What was appended is put together in an unusual way: %s.", what)})
}

// piece is a part of an update that its table of contents names.
type piece struct {
	at  int64 // absolute
	num int
	gen int // of the entry; -1 is the section itself
}

// tile wants every byte of the update to belong to an object that its section
// lists, to the section, or to nothing at all: a second version of an object
// beside the listed one is what some viewers would find first.
func (t *transition) tile(r *revision) error {
	pos := r.start
	for _, p := range t.pieces(r) {
		if p.at < pos {
			continue // listed twice, or reaching back: the entry was rejected
		}
		if err := t.between(pos, p.at); err != nil {
			return err
		}
		var err error
		if pos, err = t.pieceEnd(r, p); fatal(err) {
			return err
		} else if err != nil {
			t.odd(fmt.Sprintf("object %d is not where it should be", p.num))
			return nil
		}
	}
	return nil
}

func (t *transition) pieces(r *revision) []piece {
	section := r.sections[len(r.sections)-1]
	list := []piece{{at: t.after.base + section.at, gen: -1}}
	for _, run := range section.runs {
		for i, e := range run.entries {
			at := t.after.base + e.at
			if e.kind == inUse && at >= r.start && at < r.eof && e.at != section.at {
				list = append(list, piece{at, run.start + i, int(e.gen)})
			}
		}
	}
	slices.SortFunc(list, func(a, b piece) int { return int(max(-1, min(1, a.at-b.at))) })
	return list
}

// pieceEnd is where a piece ends, which for the section is the revision's end.
func (t *transition) pieceEnd(r *revision, p piece) (int64, error) {
	if p.gen == -1 {
		return r.eof, nil
	}
	o, err := t.after.objectAt(p.at)
	if err != nil {
		return 0, err
	}
	if o.ref.Num != p.num || o.ref.Gen != p.gen || t.strict && !t.after.exactly(p.at, true) {
		return 0, damaged(fmt.Errorf("object %v is at the place of %d %d", o.ref, p.num, p.gen))
	}
	return t.objectEnd(o)
}

func (t *transition) objectEnd(o object) (int64, error) {
	var length int64
	if s, ok := o.value.(*stream); ok {
		var err error
		if length, err = t.after.length(s); err != nil {
			return 0, err
		}
	}
	return t.after.endOf(o, length)
}

// between wants white space, comments, and at most objects that nothing knows.
func (t *transition) between(from, to int64) error {
	for from < to {
		pos := from
		err := t.after.lex(from, func(l *pdf.Lexer) error {
			err := l.SkipSpace()
			pos = from + int64(l.Pos())
			return err
		})
		if fatal(err) {
			return err
		}
		if pos >= to {
			return nil
		}
		o, err := t.after.objectAt(pos)
		if fatal(err) {
			return err
		}
		end := int64(0)
		if err == nil {
			end, err = t.objectEnd(o)
		}
		if err != nil || end > to || t.strict || t.after.entry(o.ref.Num).live() {
			t.odd("it has parts that its table of contents does not list")
			return nil
		}
		from = end
	}
	return nil
}
