package font

// Missing names the large scripts that no installed font has. Names in them are
// shown as addresses.
func Missing() (scripts []string) {
	for _, s := range []struct {
		name   string
		letter rune
	}{
		{"Vietnamese", 'ễ'}, {"Arabic", 'م'}, {"Hebrew", 'ד'}, {"Devanagari", 'प'}, {"Bengali", 'ব'}, {"Tamil", 'த'}, {"Thai", 'ส'},
		{"Chinese", '张'}, {"Japanese", 'ろ'}, {"Korean", '김'}, {"Georgian", 'ა'}, {"Armenian", 'ա'}, {"Ethiopic", 'አ'},
	} {
		if !Legible(string(s.letter)) {
			scripts = append(scripts, s.name)
		}
	}
	return scripts
}
