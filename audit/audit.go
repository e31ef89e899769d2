// Package audit is the evidence: who did what, when, from where, in a chain that
// anybody can check and from which a person can still be erased.
//
// # How to check a trail without this program
//
// A text is encoded as its length in bytes (8 bytes, big-endian) and its bytes
// (UTF-8). A number is encoded like a text of 8 bytes, big-endian two's complement.
// A map is encoded as the number of its pairs and then each key and value as texts,
// sorted by the bytes of the key. Since every part has its length in front, no
// two events share an encoding. Hashes are SHA-256; hex in the JSON form stands
// for the bytes it spells.
//
//	start      = hash of the texts "chancery audit start 1", chain
//	commitment = hash of the salt's 16 bytes followed by the texts
//	             "chancery audit personal 1", personal name, email, address and
//	             device, and the map personal detail
//	leaf       = the texts "chancery audit event 1" and chain, the numbers n and at
//	             (microseconds since 1970 UTC), the texts kind, actor kind and
//	             actor id, the map detail, and the commitment's 32 bytes as a text
//	hash       = hash of the texts "chancery audit link 1", prev and leaf, where
//	             prev is the hash of the event before; start for event 1
//
// A member that is absent from the JSON form counts as empty.
//
// # What a trail proves, and what it does not
//
// The chain shows that nothing between its start and its head was changed, left
// out, added or reordered. Whoever can rewrite a whole trail can compute a new
// head too, so compare the head with one that was kept elsewhere, such as the one
// in the sealed PDF.
//
// # Erasure
//
// All that tells about a person stands in Personal and nowhere else: not in ids,
// kinds or Detail. An erased entry has lost Personal and the salt, keeps the
// commitment and still verifies. Without the salt no guess at the personal part
// can be confirmed, so erasing must remove it everywhere.
package audit

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Event is one line of evidence. Chain is what it happened to (env_…, tm_…), N
// counts from 1 within the chain without gaps, At is in whole microseconds
// because the database keeps no finer ones.
type Event struct {
	Chain    string            `json:"chain"`
	N        int64             `json:"n"`
	At       time.Time         `json:"at"`
	Kind     string            `json:"kind"`
	Actor    Actor             `json:"actor"`
	Detail   map[string]string `json:"detail,omitempty"`
	Personal *Personal         `json:"personal,omitempty"`
}

// Actor is whoever did it: an opaque id, never a name or an address.
type Actor struct {
	Kind ActorKind `json:"kind"`
	ID   string    `json:"id"`
}

type ActorKind string

const (
	Recipient ActorKind = "recipient"
	User      ActorKind = "user"
	Key       ActorKind = "key" // an API key
	Hub       ActorKind = "hub" // a deadline, a reminder, a retry
)

// Personal is the part that can be erased. Address is the network address,
// Device the user agent; Detail holds free words, such as why somebody declined.
type Personal struct {
	Name    string            `json:"name,omitempty"`
	Email   string            `json:"email,omitempty"`
	Address string            `json:"address,omitempty"`
	Device  string            `json:"device,omitempty"`
	Detail  map[string]string `json:"detail,omitempty"`
}

// Entry is an event in its chain.
type Entry struct {
	Event
	Salt       Salt `json:"salt,omitzero"`
	Commitment Hash `json:"commitment"`
	Prev       Hash `json:"prev"`
	Hash       Hash `json:"hash"`
}

// Append makes the entry that follows prev, which is Start(chain) for the first.
// It needs 16 bytes from random (crypto/rand.Reader), which must never repeat.
//
// Store the entry as it is returned: times are cut to microseconds, and bytes
// that neither JSON nor PostgreSQL can carry became U+FFFD.
func Append(prev Hash, event Event, random io.Reader) (Entry, error) {
	entry := Entry{Event: event.clean(), Prev: prev}
	if _, err := io.ReadFull(random, entry.Salt[:]); err != nil {
		return Entry{}, fmt.Errorf("salt event %d of chain %s: %w", event.N, event.Chain, err)
	}
	entry.Commitment = commit(entry.Salt, *entry.Personal)
	entry.Hash = entry.link()
	return entry, nil
}

// Erased is the entry without its person. It still verifies.
func (e Entry) Erased() Entry {
	e.Personal, e.Salt = nil, Salt{}
	return e
}

// clean returns a copy that survives JSON and the database unchanged. A missing
// personal part becomes an empty one, since nil means erased.
func (e Event) clean() Event {
	e.Chain, e.Kind = text(e.Chain), text(e.Kind)
	e.Actor = Actor{Kind: ActorKind(text(string(e.Actor.Kind))), ID: text(e.Actor.ID)}
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Detail = texts(e.Detail)
	var personal Personal
	if e.Personal != nil {
		personal = *e.Personal
	}
	e.Personal = &Personal{
		Name:    text(personal.Name),
		Email:   text(personal.Email),
		Address: text(personal.Address),
		Device:  text(personal.Device),
		Detail:  texts(personal.Detail),
	}
	return e
}

func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func texts(pairs map[string]string) map[string]string {
	if len(pairs) == 0 {
		return nil
	}
	cleaned := make(map[string]string, len(pairs))
	for key, value := range pairs {
		cleaned[text(key)] = text(value)
	}
	return cleaned
}
