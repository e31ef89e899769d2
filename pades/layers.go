package pades

import "chancery/pades/pdf"

// layers are the optional content of a file (ISO 32000-2, 8.11): what is drawn
// or not by the choice of a reader, or of the program, when it prints.
type layers struct {
	file   *pdf.File
	groups pdf.Array // references
	shown  pdf.Dict  // the default configuration, which says what is shown at first
	others bool      // there are further configurations
}

// openLayers returns nil for a file without any.
func openLayers(f *pdf.File, root pdf.Dict) (*layers, error) {
	properties, err := f.Dict(root["OCProperties"])
	if err != nil || properties == nil {
		return nil, err
	}
	l := &layers{file: f}
	if l.groups, err = f.Array(properties["OCGs"]); err != nil {
		return nil, err
	}
	if l.shown, err = f.Dict(properties["D"]); err != nil {
		return nil, err
	}
	configurations, err := f.Array(properties["Configs"])
	l.others = len(configurations) > 0
	return l, err
}

// changing tells whether a page can show something else than what it shows at
// first: on paper, or when a reader opens the list of layers and finds what was
// hidden.
func (l *layers) changing() (bool, error) {
	events, err := l.file.Array(l.shown["AS"])
	if err != nil {
		return false, err
	}
	hidden, err := l.hides()
	if err != nil {
		return false, err
	}
	fixed, err := l.fixed()
	return l.others || len(events) > 0 || hidden && !fixed, err
}

func (l *layers) hides() (bool, error) {
	off, err := l.file.Array(l.shown["OFF"])
	if err != nil {
		return false, err
	}
	base, err := l.file.Get(l.shown["BaseState"])
	return len(off) > 0 || base != nil && base != pdf.Name("ON"), err
}

// fixed tells whether every layer is locked and none is offered to readers.
func (l *layers) fixed() (bool, error) {
	locked, err := l.file.Array(l.shown["Locked"])
	if err != nil {
		return false, err
	}
	held := map[pdf.Object]bool{}
	for _, o := range locked {
		if ref, ok := o.(pdf.Ref); ok {
			held[ref] = true
		}
	}
	for _, o := range l.groups {
		if ref, ok := o.(pdf.Ref); !ok || !held[ref] {
			return false, nil
		}
	}
	return l.shown["Order"] == nil, nil
}

// fix keeps what is shown at first and takes away everything that could change
// it: events, other configurations, the readers' list. Each layer is locked.
func (l *layers) fix() pdf.Dict {
	var groups pdf.Array
	for _, o := range l.groups {
		if ref, ok := o.(pdf.Ref); ok {
			groups = append(groups, ref)
		}
	}
	if len(groups) == 0 {
		return nil
	}
	shown := pdf.Dict{"Locked": groups}
	for _, key := range []pdf.Name{"Name", "BaseState", "ON", "OFF"} {
		if value := l.shown[key]; value != nil {
			shown[key] = value
		}
	}
	return pdf.Dict{"OCGs": groups, "D": shown}
}
