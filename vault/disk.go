package vault

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Backend keeps sealed bytes under names. Names have passed checkName.
type Backend interface {
	// Create calls write exactly once and keeps what it wrote when write and the
	// keeping both succeed, durably and never in part. A taken name is ErrExists,
	// after write was called.
	Create(ctx context.Context, name string, write func(io.Writer) error) error
	// Open returns the stored bytes and how many there are, or ErrMissing.
	Open(ctx context.Context, name string) (io.ReadCloser, int64, error)
	// Delete is done when the name is gone, also when it was gone before.
	Delete(ctx context.Context, name string) error
}

// NewDisk keeps blobs in files below root, in 256 folders. Several processes
// may share root. The file system must know hard links and honour fsync.
func NewDisk(root string) (Backend, error) {
	d := disk{root: root}
	if err := d.prepare(); err != nil {
		return nil, fmt.Errorf("prepare vault %s: %w", root, err)
	}
	return d, nil
}

type disk struct{ root string }

// staleAfter is longer than any upload lasts. Younger leftovers may be another
// process's work in progress.
const staleAfter = 24 * time.Hour

func (d disk) prepare() error {
	if err := os.MkdirAll(d.staging(), 0o700); err != nil {
		return err
	}
	for shard := range 256 {
		err := os.Mkdir(filepath.Join(d.root, fmt.Sprintf("%02x", shard)), 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := syncDir(d.root); err != nil {
		return err
	}
	return d.sweep()
}

// sweep removes what uploads left behind when their process was stopped.
func (d disk) sweep() error {
	leftovers, err := filepath.Glob(filepath.Join(d.staging(), tempPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range leftovers {
		info, err := os.Stat(path)
		if err != nil || time.Since(info.ModTime()) < staleAfter {
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (d disk) staging() string { return filepath.Join(d.root, "staging") }

// path spreads names evenly over the folders by a hash of the name. The plus
// sign is in no name, so two names never share a file.
func (d disk) path(name string) string {
	shard := sha256.Sum256([]byte(name))
	return filepath.Join(d.root, fmt.Sprintf("%02x", shard[0]), strings.ReplaceAll(name, "/", "+"))
}

func (d disk) Create(_ context.Context, name string, write func(io.Writer) error) error {
	return createOnce(d.staging(), d.path(name), write)
}

func (d disk) Open(_ context.Context, name string) (io.ReadCloser, int64, error) {
	file, err := os.Open(d.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrMissing
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func (d disk) Delete(_ context.Context, name string) error {
	path := d.path(name)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}
