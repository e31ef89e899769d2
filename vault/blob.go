package vault

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle"
)

// A stored blob is
//
//	magic || length of the wrapped key (2 bytes, big-endian) || wrapped key || stream
//
// where the stream is Tink's AES256-GCM-HKDF in segments: each has a tag of its
// own and a nonce that says its place and whether it is the last.
const magic = "chv1"

// segmentSize trades memory per open blob against tags per blob; at 64 KiB both
// are small beside a document.
const segmentSize = 64 << 10

func newStream(dek []byte) (*subtle.AESGCMHKDF, error) {
	return subtle.NewAESGCMHKDF(dek, "SHA256", keySize, segmentSize, 0)
}

// seal writes r's bytes to w under a fresh data key, and their size and digest
// into blob.
func (s *Store) seal(ctx context.Context, blob *Blob, w io.Writer, r io.Reader) error {
	dek := newKey()
	wrapped, err := s.kek.Wrap(ctx, dek, place("data key", blob.Name))
	if err != nil {
		return fmt.Errorf("wrap data key under %s: %w", s.kek.ID(), err)
	}
	if err := writeHeader(w, wrapped); err != nil {
		return err
	}
	stream, err := newStream(dek)
	if err != nil {
		return err
	}
	sealing, err := stream.NewEncryptingWriter(w, place("blob", blob.Name))
	if err != nil {
		return err
	}
	hash := sha256.New()
	if blob.Size, err = io.Copy(io.MultiWriter(sealing, hash), patient{ctx, r}); err != nil {
		return err
	}
	hash.Sum(blob.SHA256[:0])
	return sealing.Close()
}

// unseal reads the header from sealed and returns the plaintext behind it.
func (s *Store) unseal(ctx context.Context, name string, sealed io.ReadCloser) (io.ReadCloser, error) {
	plain := &unsealing{name: name, sealed: sealed, source: watched{r: patient{ctx, sealed}}}
	wrapped, err := readHeader(&plain.source)
	if err != nil {
		return nil, plain.source.blame()
	}
	dek, err := s.kek.Unwrap(ctx, wrapped, place("data key", name))
	if err != nil {
		return nil, fmt.Errorf("unwrap data key: %w", err)
	}
	stream, err := newStream(dek)
	if err != nil {
		return nil, err
	}
	if plain.stream, err = stream.NewDecryptingReader(&plain.source, place("blob", name)); err != nil {
		return nil, plain.source.blame()
	}
	return plain, nil
}

// place is the associated data that binds sealed bytes to what they are and
// where they belong. No role holds a zero byte.
func place(role, name string) []byte {
	return []byte("chancery vault " + role + "\x00" + name)
}

func writeHeader(w io.Writer, wrapped []byte) error {
	if len(wrapped) > maxWrapped {
		return fmt.Errorf("wrapped data key has %d bytes, more than %d", len(wrapped), maxWrapped)
	}
	head := binary.BigEndian.AppendUint16([]byte(magic), uint16(len(wrapped)))
	_, err := w.Write(append(head, wrapped...))
	return err
}

func readHeader(r io.Reader) (wrapped []byte, err error) {
	var head [len(magic) + 2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint16(head[len(magic):])
	if string(head[:len(magic)]) != magic || size > maxWrapped {
		return nil, ErrDamaged
	}
	wrapped = make([]byte, size)
	_, err = io.ReadFull(r, wrapped)
	return wrapped, err
}
