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
	for _, take := range []func(pdf.Dict) error{s.usageRights, s.programs, s.layers, s.presentation, s.metadata} {
		if err := take(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// programs are the scripts of the document and the form that draws itself.
func (s *stripping) programs(catalog pdf.Dict) error {
	names, err := s.file.Dict(catalog["Names"])
	if err != nil {
		return err
	}
	if names["JavaScript"] != nil {
		s.kinds["JavaScript"] = true
		catalog["Names"] = without(names, "JavaScript")
	}
	form, err := s.file.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	if form["XFA"] != nil || form["NeedAppearances"] != nil {
		if form["XFA"] != nil {
			s.kinds["XFA"] = true
		}
		catalog["AcroForm"] = without(form, "XFA", "NeedAppearances")
	}
	return nil
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

// layers that can change are fixed as they are.
func (s *stripping) layers(catalog pdf.Dict) error {
	l, err := openLayers(s.file, catalog)
	if err != nil || l == nil {
		return err
	}
	changing, err := l.changing()
	if err != nil || !changing {
		return err
	}
	s.kinds["Layers"] = true
	if fixed := l.fix(); fixed != nil {
		catalog["OCProperties"] = fixed
	} else {
		delete(catalog, "OCProperties")
	}
	return nil
}

func (s *stripping) presentation(catalog pdf.Dict) error {
	for key, kind := range map[pdf.Name]string{"Threads": "Threads", "Collection": "Portfolio"} {
		if catalog[key] != nil {
			s.kinds[kind] = true
			delete(catalog, key)
		}
	}
	preferences, err := s.file.Dict(catalog["ViewerPreferences"])
	if hasPrintAreas(preferences) {
		s.kinds["PrintArea"] = true
		catalog["ViewerPreferences"] = without(preferences, printAreas...)
	}
	return err
}

func (s *stripping) metadata(catalog pdf.Dict) error {
	proper, err := wellFormed(s.file, catalog)
	if err == nil && !proper {
		s.kinds["Metadata"] = true
		delete(catalog, "Metadata")
	}
	return err
}

// page is a page with what all viewers understand alike in the place of its
// flaws.
func (s *stripping) page(p pdf.Page) pdf.Dict {
	out := p.Dict.Clone()
	if out["B"] != nil {
		s.kinds["Threads"] = true
		delete(out, "B")
	}
	for _, key := range p.Flaws {
		switch key {
		case "MediaBox":
			out[key] = p.Media.Array()
		case "CropBox":
			out[key] = p.Crop.Array()
		case "Rotate":
			out[key] = p.Rotate
		case "UserUnit":
			delete(out, key)
		}
	}
	return out
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
	for _, key := range replacements(d) {
		s.kinds[replacedKinds[key][1]] = true
		delete(out, key)
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
