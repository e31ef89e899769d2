package pades

import (
	"slices"

	"chancery/pades/pdf"
)

// mediaAnnotations play something. They become screens, which need nothing to
// play and show the same appearance.
var mediaAnnotations = []pdf.Name{"Movie", "Sound", "3D", "RichMedia"}

// mediaKeys are what such an annotation plays, and when.
var mediaKeys = []pdf.Name{
	"A", "Movie", "Sound", "3DD", "3DV", "3DA", "3DI", "3DB", "3DU", "RichMediaContent", "RichMediaSettings",
}

// stripping copies objects without their active content.
type stripping struct {
	file  *pdf.File
	kinds map[string]bool // of what was left out

	// A hostile file refers to one large object a million times, so each is looked
	// at once.
	actions map[int]pdf.Name // kinds of indirect objects, "" for what is no action
	noted   map[int]bool     // indirect objects that went, with all chained to them
	answers map[member]bool  // whether indirect members go
}

// member is a key with the number of the object that it leads to.
type member struct {
	key pdf.Name
	num int
}

func newStripping(f *pdf.File) *stripping {
	return &stripping{
		file: f, kinds: map[string]bool{}, actions: map[int]pdf.Name{}, noted: map[int]bool{}, answers: map[member]bool{},
	}
}

// catalog takes out what only means something there.
func (s *stripping) catalog(root pdf.Dict) (pdf.Dict, error) {
	if dynamic, err := drawnByProgram(s.file, root); err != nil {
		return nil, err
	} else if dynamic {
		return nil, xfaOnly
	}
	out := root.Clone()
	if err := s.usageRights(out); err != nil {
		return nil, err
	}
	names, err := s.file.Dict(root["Names"])
	if err != nil {
		return nil, err
	}
	if names["JavaScript"] != nil {
		s.kinds["JavaScript"] = true
		out["Names"] = without(names, "JavaScript")
	}
	form, err := s.file.Dict(root["AcroForm"])
	if err != nil {
		return nil, err
	}
	if form["XFA"] != nil || form["NeedAppearances"] != nil {
		s.kinds["XFA"] = s.kinds["XFA"] || form["XFA"] != nil
		out["AcroForm"] = without(form, "XFA", "NeedAppearances")
	}
	return out, nil
}

// usageRights are a signature over the file as it was; the document's own
// signatures are not there, or the file would not be cleaned.
func (s *stripping) usageRights(catalog pdf.Dict) error {
	perms, err := s.file.Dict(catalog["Perms"])
	if err != nil {
		return err
	}
	if len(perms) > 0 {
		s.kinds["UsageRights"] = true
	}
	delete(catalog, "Perms")
	return nil
}

func without(d pdf.Dict, keys ...pdf.Name) pdf.Dict {
	out := d.Clone()
	for _, key := range keys {
		delete(out, key)
	}
	return out
}

// object copies o, without what is active in it. References stay as they are:
// what they lead to is stripped when its turn comes.
func (s *stripping) object(o pdf.Object) (pdf.Object, error) {
	switch v := o.(type) {
	case pdf.Array:
		return s.array(v)
	case pdf.Dict:
		return s.dict(v)
	}
	return o, nil
}

func (s *stripping) array(a pdf.Array) (pdf.Object, error) {
	out := make(pdf.Array, 0, len(a))
	for _, item := range a {
		if active, err := s.active(item); err != nil {
			return nil, err
		} else if active {
			continue
		}
		kept, err := s.object(item)
		if err != nil {
			return nil, err
		}
		out = append(out, kept)
	}
	return out, nil
}

func (s *stripping) dict(d pdf.Dict) (pdf.Object, error) {
	out := make(pdf.Dict, len(d))
	for key, value := range d {
		if goes, err := s.goes(key, value); err != nil {
			return nil, err
		} else if goes {
			continue
		}
		kept, err := s.object(value)
		if err != nil {
			return nil, err
		}
		out[key] = kept
	}
	if kind, _ := d["Subtype"].(pdf.Name); d["Rect"] != nil && slices.Contains(mediaAnnotations, kind) {
		s.kinds[string(kind)] = true
		out["Subtype"] = pdf.Name("Screen")
		out = without(out, mediaKeys...)
	}
	return out, nil
}

// goes tells whether a member of a dictionary is left out.
func (s *stripping) goes(key pdf.Name, value pdf.Object) (bool, error) {
	if key != "AA" && key != "JS" {
		return s.active(value)
	}
	ref, indirect := value.(pdf.Ref)
	if answer, known := s.answers[member{key, ref.Num}]; indirect && known {
		return answer, nil
	}
	judge := s.triggers
	if key == "JS" {
		judge = s.script
	}
	answer, err := judge(value)
	if indirect {
		s.answers[member{key, ref.Num}] = answer
	}
	return answer, err
}
