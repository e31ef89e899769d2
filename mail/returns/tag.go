package returns

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"strings"
)

// Tag names a letter in its return address.
type Tag struct {
	Recipient   [16]byte // zero when the letter went to nobody in an envelope
	LinkVersion uint16   // the recipient's, when it was sent: later letters go to another address
	Letter      [6]byte  // tells the letters of one recipient apart
}

// Tags makes return addresses and knows its own.
type Tags struct {
	key    []byte
	domain string
}

// NewTags makes addresses of that domain with a key of 32 bytes.
func NewTags(key []byte, domain string) (*Tags, error) {
	if len(key) != sha256.Size || domain == "" {
		return nil, errors.New("make return addresses: a key of 32 bytes and a domain are needed")
	}
	return &Tags{key: key, domain: domain}, nil
}

const (
	// local is what stands before the tag, and the whole name where complaints are
	// sent that are not addressed to one letter.
	local = "return"
	// macLength makes the name 63 octets long; RFC 5321 §4.5.3.1.1 allows 64. Nobody
	// can try 88 bits by mail.
	macLength = 11
	tagLength = 16 + 2 + 6
)

// spelling survives servers that do not keep capital letters apart.
var spelling = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Address is where a letter with that tag comes back to.
func (t *Tags) Address(tag Tag) string {
	raw := append(tag.Recipient[:], 0, 0)
	binary.BigEndian.PutUint16(raw[16:], tag.LinkVersion)
	raw = append(raw, tag.Letter[:]...)
	return local + "+" + spelling.EncodeToString(append(raw, t.mac(raw)...)) + "@" + t.domain
}

// Collecting is the address to name to providers who report complaints.
func (t *Tags) Collecting() string { return local + "@" + t.domain }

// Read finds the tag in an address that Address has made, and in no other.
func (t *Tags) Read(address string) (tag Tag, ok bool) {
	name, ours := t.ours(address)
	text, tagged := strings.CutPrefix(name, local+"+")
	raw, err := spelling.DecodeString(text)
	if !ours || !tagged || err != nil || spelling.EncodeToString(raw) != text { // it must be spelt as we do
		return Tag{}, false
	}
	if len(raw) != tagLength+macLength || !hmac.Equal(raw[tagLength:], t.mac(raw[:tagLength])) {
		return Tag{}, false
	}
	copy(tag.Recipient[:], raw)
	tag.LinkVersion = binary.BigEndian.Uint16(raw[16:])
	copy(tag.Letter[:], raw[18:])
	return tag, true
}

// collecting tells whether the address is that for complaints.
func (t *Tags) collecting(address string) bool {
	name, ours := t.ours(address)
	return ours && name == local
}

// ours returns the part before the @ of an address of our domain.
func (t *Tags) ours(address string) (name string, ok bool) {
	address = strings.ToLower(strings.Trim(strings.TrimSpace(address), "<>"))
	return strings.CutSuffix(address, "@"+strings.ToLower(t.domain))
}

func (t *Tags) mac(raw []byte) []byte {
	mac := hmac.New(sha256.New, t.key)
	mac.Write([]byte("return address 1\x00"))
	mac.Write(raw)
	return mac.Sum(nil)[:macLength]
}
