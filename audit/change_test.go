package audit_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"chancery/audit"
)

var (
	words    = rapid.StringN(0, 6, 24)
	pairs    = rapid.MapOfN(words, words, 0, 3)
	anyEvent = rapid.Custom(func(t *rapid.T) audit.Event {
		return audit.Event{
			Chain:  words.Draw(t, "chain"),
			N:      rapid.Int64().Draw(t, "n"),
			At:     noon.Add(time.Duration(rapid.Int32().Draw(t, "at")) * time.Microsecond),
			Kind:   words.Draw(t, "kind"),
			Actor:  audit.Actor{Kind: audit.ActorKind(words.Draw(t, "actor kind")), ID: words.Draw(t, "actor id")},
			Detail: pairs.Draw(t, "detail"),
			Personal: &audit.Personal{
				Name: words.Draw(t, "name"), Email: words.Draw(t, "email"), Address: words.Draw(t, "address"),
				Device: words.Draw(t, "device"), Detail: pairs.Draw(t, "personal detail"),
			},
		}
	})
)

func anyChain(t *rapid.T, id string) []audit.Entry {
	var entries []audit.Entry
	head := audit.Start(id)
	for i, event := range rapid.SliceOfN(anyEvent, 2, 5).Draw(t, "events of "+id) {
		event.Chain, event.N = id, int64(i+1)
		entry, err := audit.Append(head, event, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		entries, head = append(entries, entry), entry.Hash
	}
	return entries
}

// changes is every way to touch one field of one entry.
var changes = map[string]func(*audit.Entry){
	"chain":             func(e *audit.Entry) { e.Chain += "x" },
	"n":                 func(e *audit.Entry) { e.N++ },
	"at, a microsecond": func(e *audit.Entry) { e.At = e.At.Add(time.Microsecond) },
	"at, a nanosecond":  func(e *audit.Entry) { e.At = e.At.Add(1) },
	"kind":              func(e *audit.Entry) { e.Kind += "x" },
	"actor kind":        func(e *audit.Entry) { e.Actor.Kind += "x" },
	"actor id":          func(e *audit.Entry) { e.Actor.ID += "x" },
	"detail, a pair":    func(e *audit.Entry) { e.Detail = added(e.Detail, "a new key", "") },
	"detail, all":       func(e *audit.Entry) { e.Detail = map[string]string{"only": "this"} },
	"name":              func(e *audit.Entry) { e.Personal.Name += "x" },
	"email":             func(e *audit.Entry) { e.Personal.Email += "x" },
	"address":           func(e *audit.Entry) { e.Personal.Address += "x" },
	"device":            func(e *audit.Entry) { e.Personal.Device += "x" },
	"personal detail":   func(e *audit.Entry) { e.Personal.Detail = added(e.Personal.Detail, "a new key", "") },
	"salt":              func(e *audit.Entry) { e.Salt[7] ^= 1 },
	"commitment":        func(e *audit.Entry) { e.Commitment[0] ^= 1 },
	"prev":              func(e *audit.Entry) { e.Prev[31] ^= 1 },
	"hash":              func(e *audit.Entry) { e.Hash[16] ^= 1 },
	"half an erasure":   func(e *audit.Entry) { e.Personal = nil },
	"an erased salt":    func(e *audit.Entry) { e.Salt = audit.Salt{} },
	"a word moved":      func(e *audit.Entry) { e.Kind, e.Actor.ID = e.Kind+"x"+e.Actor.ID, "" },
}

func added(m map[string]string, key, value string) map[string]string {
	more := maps.Clone(m)
	if more == nil {
		more = map[string]string{}
	}
	more[key] = value
	return more
}

func TestAnyChangeOfAnyFieldIsDetected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trail := audit.NewTrail("env_1", anyChain(t, "env_1"))
		intact(t, trail)
		at := rapid.IntRange(0, len(trail.Events)-1).Draw(t, "changed entry")
		for name, change := range changes {
			broken(t, name, changed(trail, at, change), int64(at+1))
		}
	})
}

func TestAnErasedEntryIsAsWellProtected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trail := audit.NewTrail("env_1", anyChain(t, "env_1"))
		at := rapid.IntRange(0, len(trail.Events)-1).Draw(t, "changed entry")
		trail.Events[at] = trail.Events[at].Erased()
		intact(t, trail)
		for _, name := range []string{
			"chain", "n", "at, a microsecond", "kind", "actor kind", "actor id", "detail, a pair", "salt", "commitment", "prev", "hash",
		} {
			broken(t, name, changed(trail, at, changes[name]), int64(at+1))
		}
	})
}

// changed returns a copy of the trail with one entry changed.
func changed(trail audit.Trail, at int, change func(*audit.Entry)) audit.Trail {
	trail.Events = slices.Clone(trail.Events)
	touched := &trail.Events[at]
	if touched.Personal != nil {
		personal := *touched.Personal
		touched.Personal = &personal
	}
	change(touched)
	return trail
}

// rearrangements is every way to touch the order of entries; each returns the
// number at which it must be noticed.
var rearrangements = map[string]func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64){
	"two swapped": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		i := rapid.IntRange(0, len(es)-2).Draw(t, "i")
		j := rapid.IntRange(i+1, len(es)-1).Draw(t, "j")
		es[i], es[j] = es[j], es[i]
		return es, int64(i + 1)
	},
	"one removed": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		i := rapid.IntRange(0, len(es)-1).Draw(t, "i")
		return slices.Delete(es, i, i+1), int64(i + 1)
	},
	"one repeated": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		i := rapid.IntRange(0, len(es)-1).Draw(t, "i")
		return slices.Insert(es, i, es[i]), int64(i + 2)
	},
	"a well-made one put in": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		i := rapid.IntRange(0, len(es)-1).Draw(t, "i")
		forged, err := audit.Append(es[i].Prev, audit.Event{Chain: "env_1", N: int64(i + 1), Kind: "forged"}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Insert(es, i, forged), int64(i + 2)
	},
	"a well-made one in place of another": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		i := rapid.IntRange(0, len(es)-2).Draw(t, "i") // the last one is still the true one, with the true head
		forged, err := audit.Append(es[i].Prev, audit.Event{Chain: "env_1", N: int64(i + 1), Kind: "forged"}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		es[i] = forged
		return es, int64(i + 2)
	},
	"the end cut off": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		kept := rapid.IntRange(0, len(es)-1).Draw(t, "kept")
		return es[:kept], int64(kept + 1)
	},
	"one more at the end": func(t *rapid.T, es []audit.Entry) ([]audit.Entry, int64) {
		last := es[len(es)-1]
		more, err := audit.Append(last.Hash, audit.Event{Chain: "env_1", N: last.N + 1}, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return append(es, more), int64(len(es) + 2)
	},
	"another chain in its place": func(t *rapid.T, _ []audit.Entry) ([]audit.Entry, int64) {
		return anyChain(t, "env_2"), 1
	},
}

func TestAnyRearrangementIsDetected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := anyChain(t, "env_1")
		for _, name := range slices.Sorted(maps.Keys(rearrangements)) { // sorted, so that a failure can be replayed
			trail := audit.NewTrail("env_1", entries)
			var at int64
			trail.Events, at = rearrangements[name](t, trail.Events)
			broken(t, name, trail, at)
		}
	})
}

func TestNoTwoEventsShareAnEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one, two := anyEvent.Draw(t, "one"), anyEvent.Draw(t, "two")
		if rapid.Bool().Draw(t, "moved") { // the same letters in other fields
			two = one
			joined := one.Kind + string(one.Actor.Kind)
			cut := rapid.IntRange(0, len(joined)).Draw(t, "cut")
			two.Kind, two.Actor.Kind = joined[:cut], audit.ActorKind(joined[cut:])
		}
		a, b := salted(t, one), salted(t, two)
		same := cmp.Equal(a.Event, b.Event, cmpopts.EquateEmpty())
		if bytes.Equal(a.Leaf(), b.Leaf()) != same {
			t.Fatalf("same event: %v, and yet the leaves are\n%q\n%q", same, a.Leaf(), b.Leaf())
		}
	})
}

// salted appends with one salt for all, so that only events make a difference.
func salted(t *rapid.T, event audit.Event) audit.Entry {
	entry, err := audit.Append(audit.Hash{}, event, bytes.NewReader(make([]byte, 16)))
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

func intact(t *rapid.T, trail audit.Trail) {
	if err := trail.Verify(); err != nil {
		t.Fatal(err)
	}
	if err := verifyWritten(t, trail); err != nil {
		t.Fatalf("as a file: %v", err)
	}
}

func broken(t *rapid.T, how string, trail audit.Trail, n int64) {
	for form, err := range map[string]error{"in memory": trail.Verify(), "as a file": verifyWritten(t, trail)} {
		var b *audit.Break
		if !errors.As(err, &b) || b.N != n {
			t.Fatalf("%s, %s: want a break at %d, got %v", how, form, n, err)
		}
	}
}

func verifyWritten(t *rapid.T, trail audit.Trail) error {
	var file bytes.Buffer
	if err := trail.WriteJSON(&file); err != nil {
		t.Fatal(err)
	}
	return audit.VerifyJSON(&file)
}
