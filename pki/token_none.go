//go:build !pkcs11

package pki

import (
	"crypto"
	"errors"
)

// openToken needs a C compiler and the vendor's module, so it is built on demand.
func openToken(string) (crypto.Signer, error) {
	return nil, errors.New("open key in a token: this program was built without the tag pkcs11")
}
