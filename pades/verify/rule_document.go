package verify

import (
	"fmt"
	"slices"

	"chancery/pades/pdf"
)

// documentParts are what the rules for the document compare from the catalog
// down, wherever the objects stand.
var documentParts = []part{catalogPart, formPart, fieldListPart, resourcesPart, evidencePart, extensionsPart}

// document compares the catalogs and what hangs on them.
func (t *transition) document() error {
	touched := false
	for num := range t.changed {
		touched = touched || slices.Contains(documentParts, t.older.roles[num].part)
	}
	if !touched {
		return nil
	}
	was, is := t.older.root, t.newer.root
	for _, key := range keysOf(was, is) {
		if t.same(was[key], is[key]) && key != "AcroForm" && key != "DSS" && key != "Extensions" {
			continue
		}
		if err := t.catalogKey(key, was[key], is[key]); err != nil {
			return err
		}
	}
	return t.err
}

func keysOf(a, b pdf.Dict) []pdf.Name {
	var keys []pdf.Name
	for _, d := range []pdf.Dict{a, b} {
		for key := range d {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (t *transition) catalogKey(key pdf.Name, was, is pdf.Object) error {
	num := t.newer.rootRef.Num
	switch key {
	case "AcroForm":
		return t.form()
	case "DSS":
		return t.evidence(was, is)
	case "Extensions":
		return t.extensions(was, is)
	case "Metadata":
		return t.newMetadata(num, is)
	case "Version":
		old, _ := was.(pdf.Name)
		version, ok := is.(pdf.Name)
		if ok && version >= max(old, pdf.Name(t.after.version)) && len(version) == len("1.7") {
			t.allow(Change{Kind: Catalog, Object: num, Sentence: fmt.Sprintf("The document says that it uses PDF %s.", version)})
			return nil
		}
	case "MarkInfo":
		if d, err := t.after.dict(is); err != nil || onlyFlags(d) && !t.strict {
			return err
		}
	}
	t.reject(Change{Kind: Catalog, Object: num, Sentence: catalogSentence(key)})
	return nil
}

func onlyFlags(d pdf.Dict) bool {
	for _, value := range d {
		if _, ok := value.(bool); !ok {
			return false
		}
	}
	return d != nil
}

func catalogSentence(key pdf.Name) string {
	switch key {
	case "Perms":
		return "The document no longer names its certification as it did."
	case "OpenAction", "AA":
		return "The document now does something by itself when it is opened."
	case "Names":
		return "Names in the document lead to something else, such as a script or an attached file."
	case "OCProperties":
		return "Other layers of the document are shown than before."
	case "Pages":
		return "The document has other pages than before."
	case "StructTreeRoot":
		return "The structure that screen readers follow was changed."
	}
	return fmt.Sprintf("A setting of the whole document was changed (%.40s).", key)
}

// extensions may only be added, and their levels may only grow.
func (t *transition) extensions(was, is pdf.Object) error {
	old, err1 := t.before.dict(was)
	now, err2 := t.after.dict(is)
	if err1 != nil || err2 != nil {
		return firstOf(err1, err2)
	}
	for key, value := range old {
		if t.same(value, now[key]) {
			continue
		}
		before, err1 := t.before.dict(value)
		after, err2 := t.after.dict(now[key])
		if err1 != nil || err2 != nil {
			return firstOf(err1, err2)
		}
		level, ok1 := before["ExtensionLevel"].(int64)
		higher, ok2 := after["ExtensionLevel"].(int64)
		if !ok1 || !ok2 || higher < level || before["BaseVersion"] != after["BaseVersion"] {
			t.reject(Change{Kind: Catalog, Object: t.newer.rootRef.Num, Sentence: catalogSentence("Extensions")})
			return nil
		}
	}
	if !t.same(was, is) {
		t.allow(Change{Kind: Catalog, Object: t.newer.rootRef.Num, Sentence: "The document says that it uses a further extension of PDF."})
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// infoKeys are those of the document information (ISO 32000-2, table 349).
var infoKeys = []pdf.Name{"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped"}

// info is free, as far as it is information: strings in a dictionary that is
// nothing else as well.
func (t *transition) info(num int, was, is pdf.Dict) error {
	for _, key := range keysOf(was, is) {
		_, s1 := was[key].(pdf.String)
		_, s2 := is[key].(pdf.String)
		known := slices.Contains(infoKeys, key) || key != "Type" && key != "Subtype" && key != "S" && key != "FT"
		texts := (s1 || was[key] == nil) && (s2 || is[key] == nil)
		if !t.same(was[key], is[key]) && (!known || !texts && key != "Trapped") || key == "Type" {
			t.reject(t.about(num, Metadata, "The document's information was changed in a way that is none."))
			return nil
		}
	}
	if t.uses.of(num) > 0 {
		t.reject(t.about(num, Metadata, "The document's information was changed, and something else uses it, too."))
		return nil
	}
	t.allow(Change{Kind: Metadata, Object: num, Sentence: "The document's title, author or dates were changed."})
	return nil
}

// font lets the obsolete /Name go (ISO 32000-2, table 109), which one program
// drops when it signs.
func (t *transition) font(num int, was, is pdf.Dict) error {
	if !t.strict && is["Name"] == nil && t.same(without(was, "Name"), is) {
		t.allow(Change{Kind: Form, Object: num, Sentence: "A font of the form was written again."})
		return nil
	}
	t.reject(t.about(num, Object, "A font was replaced."))
	return nil
}
