package cms

import (
	"crypto"
	"crypto/subtle"
	"fmt"
)

// Detached tells whether the content stands outside, as PAdES wants it.
func (c *Container) Detached() bool { return c.Content == nil }

// Weak tells whether the signature leans on SHA-1, against which two contents
// with one digest can be made (ETSI TS 119 312, 5.2). Nothing new is signed so.
func (c *Container) Weak() bool {
	return c.Hash == crypto.SHA1 || c.method.hash == crypto.SHA1
}

// Matches tells whether detached content has the digest that was signed. The
// digest must come from Hash.
func (c *Container) Matches(digest []byte) bool {
	if !c.Detached() || len(digest) != c.Hash.Size() {
		return false
	}
	if c.attributes == nil {
		return c.method.hash == c.Hash && c.method.checkSum(c.Signer, nil, digest, c.Value) == nil
	}
	return subtle.ConstantTimeCompare(c.digest, digest) == 1
}

// Check verifies the signature value over the signed attributes with the key of
// the signer's certificate, and the digest of content that stands inside. It says
// nothing about detached content, which Matches does, nor about who trusts the
// certificate, which package trust does.
func (c *Container) Check() error {
	if c.attributes == nil {
		if c.Detached() {
			return nil // the value covers the content alone: Matches checks it
		}
		return c.method.check(c.Signer, c.Content, c.Value)
	}
	if !c.Detached() {
		h := c.Hash.New()
		h.Write(c.Content)
		if subtle.ConstantTimeCompare(h.Sum(nil), c.digest) != 1 {
			return fmt.Errorf("the content inside has another digest than was signed")
		}
	}
	return c.method.check(c.Signer, c.attributes, c.Value)
}
