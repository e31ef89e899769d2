package papers

import (
	"chancery/pades"
	"chancery/pades/font"
)

// Undrawable names scripts in which names and values cannot be shown here, for
// want of fonts.
func Undrawable() []string { return font.Missing() }

// Written is a typed name, or its initials, as an SVG picture of what a signature in
// this handwriting looks like in the document.
func (p *Papers) Written(face, name string, initials bool) []byte {
	if initials {
		name = pades.InitialsOf(name)
	}
	return font.Hand(face).Line(name).SVG("#000073")
}
