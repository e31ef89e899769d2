package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Blob tells what was put: the plaintext's size in bytes and its digest. Keep
// the digest only where it is protected; the store itself does not.
type Blob struct {
	Name   string
	Size   int64
	SHA256 [sha256.Size]byte
}

// Store keeps blobs of any size, each written once. It is safe for concurrent use.
type Store struct {
	backend Backend
	kek     KEK
}

func NewStore(backend Backend, kek KEK) *Store {
	return &Store{backend: backend, kek: kek}
}

// Put stores what r gives under name and returns when it is on disk. The same
// content under the same name again changes nothing and is no error, so a
// repeated step is harmless; other content is ErrExists.
func (s *Store) Put(ctx context.Context, name string, r io.Reader) (Blob, error) {
	if err := checkName(name); err != nil {
		return Blob{}, err
	}
	blob := Blob{Name: name}
	err := s.backend.Create(ctx, name, func(w io.Writer) error {
		return s.seal(ctx, &blob, w, r)
	})
	if errors.Is(err, ErrExists) {
		err = s.compare(ctx, blob)
	}
	if err != nil {
		return Blob{}, fmt.Errorf("put blob %s: %w", name, err)
	}
	return blob, nil
}

// compare tells whether the stored blob is the one we were given.
func (s *Store) compare(ctx context.Context, given Blob) error {
	stored, err := s.Open(ctx, given.Name)
	if err != nil {
		return err
	}
	defer stored.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, stored); err != nil {
		return err
	}
	if [sha256.Size]byte(hash.Sum(nil)) != given.SHA256 {
		return ErrExists
	}
	return nil
}

// Open returns the blob's plaintext as a stream, or ErrMissing. Every byte it
// gives is authentic, but only io.EOF says that the blob was whole: a blob cut
// short ends in ErrDamaged. Close it.
func (s *Store) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	plain, _, err := s.open(ctx, name)
	return plain, err
}

// ReadAll returns the whole blob, checked to its end, or nothing.
func (s *Store) ReadAll(ctx context.Context, name string) ([]byte, error) {
	plain, atMost, err := s.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	// ReadFrom wants bytes.MinRead to spare, or it doubles the buffer at the end.
	whole := bytes.NewBuffer(make([]byte, 0, atMost+bytes.MinRead))
	if _, err := whole.ReadFrom(plain); err != nil {
		return nil, err
	}
	return whole.Bytes(), nil
}

func (s *Store) open(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	if err := checkName(name); err != nil {
		return nil, 0, err
	}
	sealed, size, err := s.backend.Open(ctx, name)
	if err != nil {
		return nil, 0, fmt.Errorf("open blob %s: %w", name, err)
	}
	plain, err := s.unseal(ctx, name, sealed)
	if err != nil {
		sealed.Close()
		return nil, 0, fmt.Errorf("open blob %s: %w", name, err)
	}
	return plain, size, nil
}

// Delete removes the blob for good; a name that holds nothing is no error.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := s.backend.Delete(ctx, name); err != nil {
		return fmt.Errorf("delete blob %s: %w", name, err)
	}
	return nil
}

// maxName keeps a name within one file name on every file system (255 bytes).
const maxName = 200

// checkName accepts opaque ids of [a-z0-9_.-] in segments parted by "/", the
// rule that holds for paths and for object storage alike.
func checkName(name string) error {
	foreign := strings.Trim(name, nameBytes) // Trim stops at a foreign byte and nowhere else
	if foreign != "" || len(name) > maxName || name == "." || !fs.ValidPath(name) {
		return fmt.Errorf("blob name %q: want up to %d of [a-z0-9_./-], no empty or dot segments", name, maxName)
	}
	return nil
}

const nameBytes = "abcdefghijklmnopqrstuvwxyz0123456789_./-"
