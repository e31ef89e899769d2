// Package disk writes files that are either wholly there or not there at all,
// also after the power went.
package disk

import (
	"fmt"
	"os"
	"path/filepath"
)

// Write puts content into the file at path, readable by its owner only. When it
// returns nil the content is on the disk; when it does not, path is as it was before.
func Write(path string, content []byte) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".draft-*") // created 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(draft.Name()) // after the rename there is nothing left to remove
	if err := fill(draft, content); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return Sync(filepath.Dir(path))
}

// Sync makes the names in a folder durable: a rename lives in the folder, not in the file.
func Sync(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("sync folder %s: %w", folder, err)
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("sync folder %s: %w", folder, err)
	}
	return nil
}

func fill(file *os.File, content []byte) error {
	if _, err := file.Write(content); err != nil {
		file.Close()
		return err
	}
	if err := file.Sync(); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}
