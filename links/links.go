// Package links makes and opens capability links: whoever holds the token may do
// one thing to one subject until a moment in time, and nothing else.
//
// A token is
//
//	base64url(MAC) || base64url(purpose || expiry || subject)
//
// where the MAC is the first 18 bytes of HMAC-SHA-256 (RFC 2104) over the
// version and the text after it. Cutting keeps 144 bits, more than the half of
// the output that RFC 2104 §5 asks for, and makes 24 characters without padding
// bits. Expiry is whole seconds since 1970 in 8 bytes, big-endian.
//
// With a subject of 32 bytes (an id, a dot and a version) a token has 79
// characters of [A-Za-z0-9_-]. It says nothing secret, but it opens a door:
// keep it out of logs.
//
// Where there are several regions, the region's name and a dot stand in front: its
// deployment alone can open the token, and another one can say where that is.
//
// Changing version makes every link there is invalid.
package links

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"chancery/problem"
)

// Purpose is the one door a link opens: a single byte, because that is its
// place in the token.
type Purpose string

const (
	Sign     Purpose = "s"
	Download Purpose = "d"
	Embed    Purpose = "e"
	View     Purpose = "v"
)

// Link is what a token stands for. Subject is an id and a version, such as
// "rcp_….2", so that a newer version makes older links useless; at most
// maxSubject bytes. Expires counts in whole seconds: a fraction is dropped.
type Link struct {
	Purpose Purpose
	Subject string
	Expires time.Time
}

const (
	version    = "chancery link 1"
	macSize    = 18 // bytes
	macChars   = macSize / 3 * 4
	minKey     = 32  // bytes, the output of SHA-256 (RFC 2104 §3)
	maxSubject = 200 // bytes; keeps URLs below what mail programs break
	fixedSize  = 1 + 8

	// maxToken stops a stranger from making us hash long texts; base64 puts six
	// bits in a character.
	maxToken = macChars + ((fixedSize+maxSubject)*8+5)/6
)

// Keys mints and opens tokens. It is safe for concurrent use.
type Keys struct {
	all   [][]byte
	front string // of tokens that are minted: a region and a dot, or nothing
}

// NewKeys takes secret keys of at least 32 bytes: the newest mints, and the
// older ones still open what they minted.
func NewKeys(newest []byte, older ...[]byte) (*Keys, error) {
	k := &Keys{all: append([][]byte{newest}, older...)}
	for i, key := range k.all {
		if len(key) < minKey {
			return nil, fmt.Errorf("take link key %d: it has %d bytes, fewer than %d", i+1, len(key), minKey)
		}
	}
	return k, nil
}

// In returns keys whose tokens name that region. Those that name none still open.
func (k *Keys) In(region string) *Keys { return &Keys{all: k.all, front: region + "."} }

// RegionOf is the region that a token names. What is no token names none.
func RegionOf(token string) string {
	region, rest, found := strings.Cut(token, ".")
	strange := func(r rune) bool {
		return r != '-' && r != '_' && !('0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z')
	}
	if !found || len(rest) < macChars || len(rest) > maxToken || strings.ContainsFunc(rest, strange) {
		return ""
	}
	return region
}

// Mint returns the token for link, the same each time. A purpose that is not
// one byte or a subject that is too long is a mistake in the program: it panics.
func (k *Keys) Mint(link Link) string {
	if len(link.Purpose) != 1 || len(link.Subject) > maxSubject {
		panic(fmt.Sprintf("mint link: purpose %q or subject %q does not fit", link.Purpose, link.Subject))
	}
	claim := []byte(link.Purpose)
	claim = binary.BigEndian.AppendUint64(claim, uint64(link.Expires.Unix()))
	claim = append(claim, link.Subject...)
	text := base64.RawURLEncoding.EncodeToString(claim)
	return k.front + mac(k.all[0], text) + text
}

// ErrForged is the hidden cause of a link that does not open because nobody here has
// made it: a guess, or a slip in copying.
var ErrForged = errors.New("not minted by us")

// Open returns the link behind token when it was minted for purpose and has not
// expired. Every other token is the same problem, link_invalid, so that nobody
// learns which part of a guess was right; only its hidden cause tells.
func (k *Keys) Open(purpose Purpose, token string, now time.Time) (Link, error) {
	token = strings.TrimPrefix(token, k.front)
	if len(token) < macChars || len(token) > maxToken || !k.minted(token) {
		return Link{}, invalid(ErrForged)
	}
	link, err := parse(token[macChars:])
	switch {
	case err != nil:
		return Link{}, invalid(err)
	case link.Purpose != purpose:
		return Link{}, invalid(fmt.Errorf("it is for %q, not %q", link.Purpose, purpose))
	case !now.Before(link.Expires):
		return Link{}, invalid(fmt.Errorf("it expired at %s", link.Expires.Format(time.RFC3339)))
	}
	return link, nil
}

func invalid(cause error) error {
	return problem.Denied("link_invalid", "This link is not valid or has expired.").Because(cause)
}

// minted compares in constant time, and compares text: nothing in a token is
// decoded before its MAC holds.
func (k *Keys) minted(token string) bool {
	given := []byte(token[:macChars])
	for _, key := range k.all {
		if hmac.Equal(given, []byte(mac(key, token[macChars:]))) {
			return true
		}
	}
	return false
}

func mac(key []byte, text string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(version + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:macSize])
}

// parse reads what Mint wrote; its errors can only mean a fault of ours.
func parse(text string) (Link, error) {
	claim, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Link{}, err
	}
	if len(claim) < fixedSize {
		return Link{}, errors.New("the claim is too short")
	}
	return Link{
		Purpose: Purpose(claim[:1]),
		Subject: string(claim[fixedSize:]),
		Expires: time.Unix(int64(binary.BigEndian.Uint64(claim[1:fixedSize])), 0).UTC(),
	}, nil
}
