package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"chancery/problem"
)

// results are files that appear together or not at all.
type results struct {
	replace bool
	files   []result
}

type result struct {
	path string
	data []byte
}

// free tells, before any work is done, what would keep the results from being
// written.
func (r results) free() error {
	taken := map[string]bool{}
	for _, f := range r.files {
		path, err := filepath.Abs(f.path)
		if err != nil {
			return err
		}
		if taken[path] {
			return problem.Conflict("same_file", path+" cannot be two things at once.")
		}
		taken[path] = true
		if err := r.available(path); err != nil {
			return err
		}
	}
	return nil
}

func (r results) available(path string) error {
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
		return problem.Invalid("no_such_folder", filepath.Dir(path)+" is no folder to write to.").Because(err)
	}
	switch old, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return problem.Conflict("not_a_file", path+" is there already and is no file.")
	case !r.replace:
		return problem.Conflict("file_exists", path+" is there already; --force replaces it.")
	}
	return nil
}

// write puts every file whole beside its place before the first gets its name.
func (r results) write() error {
	drafts := make([]string, 0, len(r.files))
	defer func() {
		for _, draft := range drafts {
			os.Remove(draft) // those that got their name are gone
		}
	}()
	for _, f := range r.files {
		draft := filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+"-"+rand.Text())
		drafts = append(drafts, draft)
		if err := writeDraft(draft, f.data); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	if err := r.free(); err != nil { // signing took a while
		return err
	}
	for i, f := range r.files {
		if err := os.Rename(drafts[i], f.path); err != nil {
			return errors.Join(err, r.withdraw(i))
		}
	}
	return nil
}

// withdraw takes the first n files away again. What they replaced is gone.
func (r results) withdraw(n int) error {
	var errs []error
	for _, f := range r.files[:n] {
		errs = append(errs, os.Remove(f.path))
	}
	return errors.Join(errs...)
}

func writeDraft(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}
