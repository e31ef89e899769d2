package pdf

import "slices"

// Fragmented tells whether the first revision's cross-reference table is
// anything but one subsection from object 0. Acrobat repairs such a file when it
// opens it, and then calls its certification broken.
func (f *File) Fragmented() bool {
	if len(f.sections) == 0 {
		return false
	}
	first := f.sections[len(f.sections)-1].at
	tables := 0
	for _, s := range f.sections {
		if s.at != first || s.width != [3]int{} {
			continue
		}
		if tables++; s.start != 0 {
			return true
		}
	}
	return tables > 1
}

// Revisions is how many cross-reference sections the file has: one for every
// time it was saved, and two for a linearised file.
func (f *File) Revisions() int {
	var places []int64
	for _, s := range f.sections {
		if !slices.Contains(places, s.at) {
			places = append(places, s.at)
		}
	}
	return len(places)
}
