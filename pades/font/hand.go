package font

import "sync"

// Hands are the names of the handwriting styles, the usual one first.
func Hands() []string { return []string{"flowing", "brush", "pen"} }

// Hand is the style of a name out of Hands, or the usual one.
func Hand(name string) Style {
	switch name {
	case "brush":
		return Brush
	case "pen":
		return Pen
	}
	return Flowing
}

// families of the hands; Klee knows Greek, Cyrillic and Japanese too.
var families = map[Style]string{Flowing: "Dancing Script", Brush: "Kaushan Script", Pen: "Klee One"}

var hands = sync.OnceValue(func() map[Style]*spine {
	found := map[Style]*spine{}
	for _, s := range shelf() {
		for style, family := range families {
			if s.family == family && !s.bold && !s.italic && found[style] == nil {
				found[style] = s
			}
		}
	}
	return found
})

// hand is the face of a handwriting style, or nil where it is not installed.
func hand(style Style) *face {
	if _, ok := families[style]; !ok {
		return nil
	}
	if s := hands()[style]; s != nil {
		return s.take()
	}
	return nil
}
