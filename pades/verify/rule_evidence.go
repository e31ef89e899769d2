package verify

import (
	"fmt"
	"regexp"

	"chancery/pades/pdf"
)

// evidenceKeys are those of a DSS, and of the entries of its /VRI, which are
// named by a SHA-1 (EN 319 142-1, 5.4.2), by some programs a longer hash.
var (
	evidenceKeys = map[pdf.Name]bool{"Type": true, "Certs": true, "CRLs": true, "OCSPs": true, "VRI": true}
	relatedKeys  = map[pdf.Name]bool{"Type": true, "TU": true, "TS": true, "Cert": true, "CRL": true, "OCSP": true}
	relatedName  = regexp.MustCompile(`^[0-9A-Fa-f]{40,128}$`)
)

// evidence lets validation data come, and nothing go.
func (t *transition) evidence(was, is pdf.Object) error {
	old, err1 := t.before.dict(was)
	now, err2 := t.after.dict(is)
	if err := firstOf(err1, err2); err != nil {
		return err
	}
	num := t.newer.rootRef.Num
	if ref, ok := is.(pdf.Ref); ok {
		num = ref.Num
	}
	if now == nil {
		if old != nil {
			t.reject(Change{Kind: Evidence, Object: num, Sentence: "The data to validate the signatures with was taken away."})
		}
		return nil
	}
	grown, ok, err := t.grows(old, now, evidenceKeys)
	if err != nil {
		return err
	}
	related, ok2, err := t.related(old["VRI"], now["VRI"])
	if err != nil {
		return err
	}
	switch {
	case !ok || !ok2:
		t.reject(Change{Kind: Evidence, Object: num, Sentence: "The data to validate the signatures with was changed instead of added to."})
	case grown+related > 0 || old == nil:
		t.allow(Change{Kind: Evidence, Object: num, Sentence: fmt.Sprintf("Data to validate the signatures with was added (%d items).", grown)})
	}
	return t.err
}

// grows compares the lists of two dictionaries of evidence: every old item must
// still be listed, and every item be a stream.
func (t *transition) grows(old, now pdf.Dict, keys map[pdf.Name]bool) (grown int, ok bool, err error) {
	for _, key := range keysOf(old, now) {
		switch {
		case !keys[key] && !t.same(old[key], now[key]):
			return 0, false, nil
		case key == "Type" || key == "VRI" || key == "TU" || key == "TS" || !keys[key]:
			continue
		}
		before, err1 := t.before.array(old[key])
		after, err2 := t.after.array(now[key])
		if err := firstOf(err1, err2); err != nil {
			return 0, false, err
		}
		if now[key] == nil && len(before) == 0 {
			continue
		}
		if after == nil || !t.listsAll(before, after) {
			return 0, false, nil
		}
		grown += len(after) - len(before)
	}
	return grown, true, t.err
}

func (t *transition) listsAll(before, after pdf.Array) bool {
	listed := map[pdf.Ref]bool{}
	for _, o := range after {
		ref, ok := o.(pdf.Ref)
		if !ok {
			return false
		}
		if !listed[ref] && t.fresh[ref.Num] {
			if o, err := t.after.load(ref.Num); err != nil || !isStream(o) {
				return false
			}
		}
		listed[ref] = true
	}
	for _, o := range before {
		ref, ok := o.(pdf.Ref)
		if !ok || !listed[ref] && !t.copied(ref, after) {
			return false
		}
	}
	return true
}

// copied tells whether an old item is listed under another number: some
// programs write all of them again.
func (t *transition) copied(ref pdf.Ref, after pdf.Array) bool {
	for _, o := range after {
		if t.same(ref, o) {
			return true
		}
	}
	return false
}

func isStream(o pdf.Object) bool {
	_, ok := o.(*stream)
	return ok
}

// related compares the evidence that is kept for single signatures.
func (t *transition) related(was, is pdf.Object) (grown int, ok bool, err error) {
	old, err1 := t.before.dict(was)
	now, err2 := t.after.dict(is)
	if err := firstOf(err1, err2); err != nil {
		return 0, false, err
	}
	for key, value := range old {
		before, err1 := t.before.dict(value)
		after, err2 := t.after.dict(now[key])
		if err := firstOf(err1, err2); err != nil {
			return 0, false, err
		}
		if after == nil && before != nil {
			return 0, false, nil
		}
		more, ok, err := t.grows(before, after, relatedKeys)
		if err != nil || !ok {
			return 0, false, err
		}
		grown += more
	}
	for key, value := range now {
		if old[key] != nil || key == "Type" {
			continue
		}
		d, err := t.after.dict(value)
		if err != nil {
			return 0, false, err
		}
		if d == nil || !relatedName.MatchString(string(key)) {
			return 0, false, nil
		}
		if _, ok, err := t.grows(nil, d, relatedKeys); err != nil || !ok {
			return 0, false, err
		}
		grown++
	}
	return grown, true, nil
}
