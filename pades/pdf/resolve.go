package pdf

import "fmt"

// Get follows a reference, and references to references. An object the file
// does not have is null (ISO 32000-2, 7.3.10).
func (f *File) Get(o Object) (Object, error) {
	for range MaxDepth {
		ref, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		next, err := f.Load(ref)
		if err != nil {
			return nil, err
		}
		o = next
	}
	return nil, damaged(fmt.Errorf("reference %v leads to itself", o))
}

// Load reads one indirect object, from the newest revision that has it.
func (f *File) Load(ref Ref) (Object, error) {
	if o, ok := f.cache[ref.Num]; ok {
		return o, nil
	}
	if f.reading[ref.Num] {
		return nil, damaged(fmt.Errorf("object %v needs itself", ref))
	}
	f.reading[ref.Num] = true
	defer delete(f.reading, ref.Num)
	o, err := f.loadFresh(ref)
	if err != nil {
		return nil, err
	}
	if len(f.cache) >= maxCached {
		clear(f.cache)
	}
	f.cache[ref.Num] = o
	return o, nil
}

func (f *File) loadFresh(ref Ref) (Object, error) {
	e, err := f.lookup(ref.Num)
	if err != nil {
		return nil, err
	}
	switch e.kind {
	case entryInUse:
		in, err := f.indirectAt(f.Base + e.offset)
		if err != nil {
			return nil, fmt.Errorf("load object %v: %w", ref, err)
		}
		if in.ref.Num != ref.Num {
			return nil, damaged(fmt.Errorf("object %v is at the place of %v", in.ref, ref))
		}
		return in.value, nil
	case entryInStream:
		return f.fromObjectStream(int(e.offset), ref.Num)
	}
	return nil, nil
}

// Dict follows o to a dictionary; a stream gives its dictionary. Anything else
// is nil, which reads as an empty one.
func (f *File) Dict(o Object) (Dict, error) {
	o, err := f.Get(o)
	if err != nil {
		return nil, err
	}
	switch d := o.(type) {
	case Dict:
		return d, nil
	case *Stream:
		return d.Dict, nil
	}
	return nil, nil
}

// Array follows o to an array; anything else is nil.
func (f *File) Array(o Object) (Array, error) {
	o, err := f.Get(o)
	a, _ := o.(Array)
	return a, err
}

// Name follows o to a name; anything else is "".
func (f *File) Name(o Object) (Name, error) {
	o, err := f.Get(o)
	n, _ := o.(Name)
	return n, err
}

// Int follows o to an integer; ok is false for anything else.
func (f *File) Int(o Object) (n int64, ok bool, err error) {
	o, err = f.Get(o)
	n, ok = o.(int64)
	return n, ok, err
}

// Root is the document catalog.
func (f *File) Root() (Ref, Dict, error) {
	ref, ok := f.Trailer["Root"].(Ref)
	if !ok {
		return Ref{}, nil, damaged(fmt.Errorf("trailer has no /Root"))
	}
	root, err := f.Dict(ref)
	if err != nil {
		return ref, nil, err
	}
	if root == nil || root["Pages"] == nil {
		return ref, nil, damaged(fmt.Errorf("catalog %v has no pages", ref))
	}
	return ref, root, nil
}

// InUse tells whether the file has an object num.
func (f *File) InUse(num int) (bool, error) {
	e, err := f.lookup(num)
	return e.kind != entryFree, err
}
