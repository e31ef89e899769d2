package pades

import "chancery/pades/pdf"

// catalog treats apart what only means something there, and begins the search.
func (s *search) catalog(root pdf.Dict) error {
	s.where = "catalog"
	if ref, ok := s.file.Trailer["Root"].(pdf.Ref); ok {
		s.seen[ref.Num] = true
	}
	for _, look := range []func(pdf.Dict) error{s.permissions, s.form, s.layers, s.presentation, s.metadata} {
		if err := look(root); err != nil {
			return err
		}
	}
	for key, value := range root {
		if key == "Perms" {
			continue // usage rights are a signature of a program's maker, not of a person
		}
		if err := s.visit(value); err != nil {
			return err
		}
	}
	return nil
}

func (s *search) permissions(root pdf.Dict) error {
	perms, err := s.file.Dict(root["Perms"])
	if err != nil {
		return err
	}
	if perms["DocMDP"] != nil {
		s.find("pdf_already_signed", "")
		s.find("pdf_certified", "")
	} else if len(perms) > 0 {
		s.find("pdf_usage_rights", "")
	}
	return nil
}

func (s *search) form(root pdf.Dict) error {
	form, err := s.file.Dict(root["AcroForm"])
	if err != nil {
		return err
	}
	dynamic, err := drawnByProgram(s.file, root)
	if err != nil {
		return err
	}
	switch {
	case dynamic:
		s.find("pdf_xfa_only", "")
	case form["XFA"] != nil:
		s.find("pdf_xfa", "XFA")
	}
	if wish, err := s.file.Get(form["NeedAppearances"]); err != nil {
		return err
	} else if wish == true {
		s.find("pdf_need_appearances", "")
	}
	return nil
}

func (s *search) layers(root pdf.Dict) error {
	l, err := openLayers(s.file, root)
	if err != nil || l == nil {
		return err
	}
	changing, err := l.changing()
	if changing {
		s.find("pdf_layers", "Layers")
	} else if len(l.groups) > 0 {
		s.find("pdf_layers_shown", "")
	}
	return err
}

// presentation is what else shows people something other than the pages, or ties
// them together.
func (s *search) presentation(root pdf.Dict) error {
	if root["Threads"] != nil {
		s.find("pdf_threads", "")
	}
	if root["Collection"] != nil {
		s.find("pdf_portfolio", "Portfolio")
	}
	preferences, err := s.file.Dict(root["ViewerPreferences"])
	if hasPrintAreas(preferences) {
		s.find("pdf_print_area", "PrintArea")
	}
	return err
}

func (s *search) metadata(root pdf.Dict) error {
	proper, err := wellFormed(s.file, root)
	if err == nil && !proper {
		s.find("pdf_metadata", "Metadata")
	}
	return err
}
