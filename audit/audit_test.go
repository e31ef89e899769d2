package audit_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/audit"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// story is a short life of an envelope, and what the tests mutilate.
func story(t testing.TB) []audit.Entry {
	t.Helper()
	ada := &audit.Personal{Name: "Ada Lovelace", Email: "ada@example.org", Address: "192.0.2.7", Device: "Firefox <\u2028>"}
	bob := &audit.Personal{Name: "Bob", Detail: map[string]string{"reason": "too dear", "phone": "123"}}
	return chain(t, "env_1",
		audit.Event{Kind: "envelope.sent", Actor: audit.Actor{Kind: audit.User, ID: "usr_1"}, Personal: ada},
		audit.Event{Kind: "recipient.viewed", Actor: audit.Actor{Kind: audit.Recipient, ID: "rcp_1"}, Personal: ada},
		audit.Event{Kind: "reminder.sent", Actor: audit.Actor{Kind: audit.Hub, ID: "hub"}},
		audit.Event{Kind: "act.declined", Actor: audit.Actor{Kind: audit.Recipient, ID: "rcp_2"}, Personal: bob,
			Detail: map[string]string{"act": "act_1", "digest": "00ff"}},
	)
}

func chain(t testing.TB, id string, events ...audit.Event) []audit.Entry {
	t.Helper()
	var entries []audit.Entry
	head := audit.Start(id)
	for i, event := range events {
		event.Chain, event.N, event.At = id, int64(i+1), noon.Add(time.Duration(i)*time.Second)
		entry, err := audit.Append(head, event, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		entries, head = append(entries, entry), entry.Hash
	}
	return entries
}

func TestAnIntactChainVerifiesToItsHead(t *testing.T) {
	entries := story(t)
	head, err := audit.Verify("env_1", audit.Entries(entries))
	if err != nil || head != entries[3].Hash {
		t.Fatalf("head %s, %v", head, err)
	}
	if head, err := audit.Verify("env_9", audit.Entries(nil)); err != nil || head != audit.Start("env_9") {
		t.Fatalf("an empty chain: head %s, %v", head, err)
	}
}

func TestABreakSaysWhereAndWhy(t *testing.T) {
	entries := story(t)
	entries[2].Kind = "reminder.never"
	_, err := audit.Verify("env_1", audit.Entries(entries))
	var broken *audit.Break
	if !errors.As(err, &broken) || broken.N != 3 || broken.Chain != "env_1" || broken.Why != "it is not what was recorded" {
		t.Fatalf("got %v", err)
	}
}

func TestAGapThatWasRecordedIsABreak(t *testing.T) {
	first := story(t)[0]
	third, err := audit.Append(first.Hash, audit.Event{Chain: "env_1", N: 3}, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, err = audit.Verify("env_1", audit.Entries([]audit.Entry{first, third}))
	if err == nil || err.Error() != "audit chain env_1 breaks at event 2: its number is 3" {
		t.Fatalf("got %v", err)
	}
}

func TestAnEntryThatCannotBeReadIsNotABreak(t *testing.T) {
	lost := errors.New("connection lost")
	_, err := audit.Verify("env_1", func(yield func(audit.Entry, error) bool) { yield(audit.Entry{}, lost) })
	var broken *audit.Break
	if !errors.Is(err, lost) || errors.As(err, &broken) {
		t.Fatalf("got %v", err)
	}
}

func TestErasedPeopleLeaveNoTraceAndTheChainStillVerifies(t *testing.T) {
	entries := story(t)
	head := entries[3].Hash
	for i, entry := range entries {
		entries[i] = entry.Erased()
	}
	if got, err := audit.Verify("env_1", audit.Entries(entries)); err != nil || got != head {
		t.Fatalf("head %s, %v", got, err)
	}
	var out bytes.Buffer
	if err := audit.NewTrail("env_1", entries).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{"Ada", "example.org", "192.0.2.7", "Firefox", "Bob", "dear", "salt", "personal"} {
		if strings.Contains(out.String(), trace) {
			t.Errorf("%q is still there", trace)
		}
	}
	if err := audit.VerifyJSON(&out); err != nil {
		t.Fatal(err)
	}
}

func TestTheSamePersonIsCommittedToDifferentlyEachTime(t *testing.T) {
	entries := story(t)
	if entries[0].Commitment == entries[1].Commitment {
		t.Fatal("two events of one person can be linked after erasure")
	}
}

func TestAppendKeepsOnlyWhatJSONAndTheDatabaseCanCarry(t *testing.T) {
	event := audit.Event{
		Chain: "env_1", N: 1, Kind: "recipient.viewed", At: time.Date(2026, 3, 1, 13, 0, 0, 123456789, time.FixedZone("", 3600)),
		Personal: &audit.Personal{Device: "curl\xff\x00/8", Detail: map[string]string{"x": "\xfe"}},
	}
	entry, err := audit.Append(audit.Start("env_1"), event, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	want := event
	want.At = noon.Add(123456 * time.Microsecond)
	want.Personal = &audit.Personal{Device: "curl\uFFFD\uFFFD/8", Detail: map[string]string{"x": "\uFFFD"}}
	if diff := cmp.Diff(want, entry.Event); diff != "" {
		t.Fatal(diff)
	}
	if event.Personal.Device != "curl\xff\x00/8" {
		t.Fatal("the caller's event was changed")
	}
	var out bytes.Buffer
	if err := audit.NewTrail("env_1", []audit.Entry{entry}).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	if err := audit.VerifyJSON(&out); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutRandomnessThereIsNoEntry(t *testing.T) {
	if _, err := audit.Append(audit.Hash{}, audit.Event{}, strings.NewReader("too short")); err == nil {
		t.Fatal("an event was salted with nine bytes")
	}
}

func TestLocalTimesFromADatabaseAreTheSameInstant(t *testing.T) {
	entries := story(t)
	abroad := slices.Clone(entries)
	for i := range abroad {
		abroad[i].At = abroad[i].At.In(time.FixedZone("", -7200))
	}
	var here, there bytes.Buffer
	if err := errors.Join(audit.NewTrail("env_1", entries).WriteJSON(&here), audit.NewTrail("env_1", abroad).WriteJSON(&there)); err != nil {
		t.Fatal(err)
	}
	if here.String() != there.String() {
		t.Fatal("the trail depends on the zone of the machine")
	}
}
