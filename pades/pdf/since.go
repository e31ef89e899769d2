package pdf

import "slices"

// Since lists the objects that f defines in cross-reference sections older does
// not have, each once, by number. ok is false unless the sections of older are
// all there, unchanged, below the new ones: an update must build on its
// predecessor.
func (f *File) Since(older *File) (changed []int, ok bool) {
	added := len(f.sections) - len(older.sections)
	root, isRef := f.Trailer["Root"].(Ref)
	if added < 0 || f.Base != older.Base || !isRef || older.Trailer["Root"] != Object(root) {
		return nil, false
	}
	for i, s := range older.sections {
		same := f.sections[added+i]
		if s.at != same.at || s.start != same.start || s.count != same.count {
			return nil, false
		}
	}
	seen := map[int]bool{}
	for _, s := range f.sections[:added] {
		if s.at <= older.StartXref {
			return nil, false
		}
		for num := s.start; num < s.start+s.count && len(seen) <= MaxObjects; num++ {
			seen[num] = true
		}
	}
	for num := range seen {
		changed = append(changed, num)
	}
	slices.Sort(changed)
	return changed, len(changed) <= MaxObjects
}

// InUse tells whether the file has an object num.
func (f *File) InUse(num int) (bool, error) {
	e, err := f.lookup(num)
	return e.kind != entryFree, err
}
