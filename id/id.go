// Package id makes the ids of things: a short word for the kind, and 26
// characters that sort by time and cannot be guessed.
package id

import (
	"encoding/base32"
	"strings"

	"github.com/google/uuid"
)

// crockford has no letters that people mistake for each other.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Kinds of ids.
const (
	Organisation = "org"
	Team         = "tm"
	Key          = "key"
	Document     = "doc"
	Envelope     = "env"
	Recipient    = "rcp"
	Field        = "fld"
	Act          = "act"
	Endpoint     = "we"
	Event        = "evt" // one about no envelope; theirs are made of the envelope's id
	Attempt      = "att"
	Request      = "req"
	User         = "usr"
	Application  = "app"
	Invitation   = "inv"
	Connection   = "con"
	Mapping      = "map"
	Template     = "tpl"
	Journey      = "jny"
	Session      = "ses"
	SignUp       = "sgn"
	Notice       = "ntc"
	Passkey      = "psk"
	Advance      = "clk"
)

// New returns an id such as env_01m2…: a version 7 UUID (RFC 9562 §5.7), 74 bits of it random.
func New(kind string) string {
	u := uuid.Must(uuid.NewV7()) // fails only when the system has no randomness left: nothing may go on then
	return kind + "_" + crockford.EncodeToString(u[:])
}

// Raw returns the 16 bytes that an id of that kind stands for.
func Raw(kind, s string) (raw [16]byte, ok bool) {
	if !Is(kind, s) {
		return raw, false
	}
	_, err := crockford.Decode(raw[:], []byte(s[len(kind)+1:]))
	return raw, err == nil
}

// Of returns the id of that kind that stands for these bytes.
func Of(kind string, raw [16]byte) string { return kind + "_" + crockford.EncodeToString(raw[:]) }

// Is tells whether s looks like an id of that kind.
func Is(kind, s string) bool {
	rest, ok := strings.CutPrefix(s, kind+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	raw, err := crockford.DecodeString(rest)
	return err == nil && len(raw) == 16
}
