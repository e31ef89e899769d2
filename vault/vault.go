// Package vault keeps bytes at rest under AES-256-GCM.
//
// There are two things to use:
//
//   - a Store for documents: every blob has a data key of its own, wrapped by a
//     key-encryption key (KEK) in the first bytes of the stored file;
//   - a Column for database columns, payloads and other small secrets, and for
//     fingerprints by which an encrypted value can be looked up.
//
// Both bind what they seal to its place: a blob to its name, a column's value to
// the place the caller states. What was moved elsewhere does not open.
//
// Nothing that is stored tells what is inside. There are no hashes of plaintext,
// so nobody can confirm a guess; sizes stay visible to within the fixed overhead,
// and so do names, which therefore must be opaque ids.
//
// A KEK is the only key outside the vault. KeyFile keeps it in a file; another
// holder (PKCS#11, a cloud KMS) needs only the three methods of KEK.
package vault

import (
	"context"
	"errors"
)

var (
	// ErrExists says that the name holds other content already.
	ErrExists = errors.New("the name is taken by other content")
	// ErrMissing says that nothing is stored under the name.
	ErrMissing = errors.New("nothing is stored under this name")
	// ErrDamaged says that bytes are not what was sealed for this place: changed,
	// cut short, or moved. Another try will not mend it.
	ErrDamaged = errors.New("the sealed bytes were changed, cut short or moved")
	// ErrUnknownKey says that the key which sealed the bytes is not among ours.
	ErrUnknownKey = errors.New("the key that sealed these bytes is not among ours")
)

// KEK wraps the keys that encrypt data. The associated data ad is not stored
// and must be the same at Wrap and Unwrap. Implementations are safe for
// concurrent use and return at most maxWrapped bytes.
type KEK interface {
	Wrap(ctx context.Context, dek, ad []byte) ([]byte, error)
	Unwrap(ctx context.Context, wrapped, ad []byte) ([]byte, error)
	// ID names the key that wraps now, for logs and the list of keys in use.
	ID() string
}

// maxWrapped is far above what the known KMS return for a 32-byte key (under
// 600 bytes) and stops a damaged length from asking for memory.
const maxWrapped = 4096
