package vault

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// createOnce makes a file of mode 0600 at path that is either whole and on disk
// or not there at all, and never replaces one: then it returns ErrExists. The
// staging folder must be on the same file system, which must know hard links.
//
// The order is the promise. The bytes are on disk before the name exists, and
// the name is on disk before we return; a stop in between leaves a file in
// staging or a whole one under its name.
func createOnce(staging, path string, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(staging, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := fill(temp, write); err != nil {
		return err
	}
	// A link refuses a taken name, where a rename would replace the file.
	linked := os.Link(temp.Name(), path)
	if linked != nil && !errors.Is(linked, fs.ErrExist) {
		return linked
	}
	// Also when the name was taken: whoever took it may have stopped before this line.
	if err := syncDir(filepath.Dir(path)); err != nil {
		return err
	}
	if linked != nil {
		return ErrExists
	}
	return nil
}

const tempPrefix = "incoming-"

// fill writes the file and returns when the disk has it. The file is closed.
func fill(file *os.File, write func(io.Writer) error) error {
	err := write(file)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// syncDir puts the names in a folder on disk.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
