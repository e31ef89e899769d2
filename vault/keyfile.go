package vault

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const keyFileHead = "# Key-encryption keys of this hub, 32 bytes in base64, one a line, the newest last.\n" +
	"# Without this file nothing in the vault can be read: keep a copy apart from the backups.\n"

// KeyFile opens the key file at path, or creates one with a fresh 256-bit key.
// A new file has mode 0600 and is on disk before KeyFile returns; of two
// processes that create it at once both use the first one's key. An existing
// file is refused when others may read it or the group may change it.
//
// To rotate, append a line with a new key and restart: the last line wraps, the
// ones above still unwrap. One key is good for 2³² wraps (NIST SP 800-38D §8.3).
func KeyFile(path string) (KEK, error) {
	keys, err := readKeyFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := createKeyFile(path); err != nil {
			return nil, fmt.Errorf("create key file %s: %w", path, err)
		}
		keys, err = readKeyFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open key file %s: %w", path, err)
	}
	return fileKEK{keys}, nil
}

type fileKEK struct{ keys *ring }

func (k fileKEK) Wrap(_ context.Context, dek, ad []byte) ([]byte, error) {
	return k.keys.seal(dek, ad)
}

func (k fileKEK) Unwrap(_ context.Context, wrapped, ad []byte) ([]byte, error) {
	return k.keys.open(wrapped, ad)
}

func (k fileKEK) ID() string { return k.keys.id() }

func createKeyFile(path string) error {
	err := createOnce(filepath.Dir(path), path, func(w io.Writer) error {
		_, err := io.WriteString(w, keyFileHead+base64.StdEncoding.EncodeToString(newKey())+"\n")
		return err
	})
	if errors.Is(err, ErrExists) {
		return nil
	}
	return err
}

func readKeyFile(path string) (*ring, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o027 != 0 {
		return nil, fmt.Errorf("its mode %04o lets others at the keys; make it 0600", mode)
	}
	return parseKeys(file)
}

// parseKeys names lines by number only: a line may be a key.
func parseKeys(r io.Reader) (*ring, error) {
	var roots [][]byte
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		root, err := base64.StdEncoding.Strict().DecodeString(string(line))
		if err != nil || len(root) != keySize {
			return nil, fmt.Errorf("line %d is not a key of %d bytes in base64", n, keySize)
		}
		roots = append(roots, root)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return newRing(roots)
}
