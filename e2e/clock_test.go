package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// advance puts the test clock forward. Asked twice under one key it does so once.
func (b bench) advance(t *testing.T, key, by, ahead string) {
	t.Helper()
	for range 2 {
		var clock struct{ Ahead string }
		must(t, b.api.insist(http.MethodPost, "/v1/team/clock", key, map[string]any{"advance": by}, &clock))
		if clock.Ahead != ahead {
			t.Errorf("the clock is ahead by %s, want %s", clock.Ahead, ahead)
		}
	}
}

// patient sends the story's envelope with a reminder after four days, and every four.
func (s *story) patient() error {
	content := s.content()
	content["reminders"] = map[string]any{"first_after": "96h", "every": "96h", "at_most": 3}
	content["expires_after"] = "720h"
	var sent sentEnvelope
	if err := s.api.insist(http.MethodPost, "/v1/envelopes", s.name, content, &sent); err != nil {
		return err
	}
	s.id, s.who = sent.ID, [2]string{sent.Recipients[0].ID, sent.Recipients[1].ID}
	return nil
}

// letters counts those of one kind about the envelope that have arrived.
func (s *story) count(kind string) (n int, err error) {
	counts, err := s.letters.counts()
	for id, times := range counts {
		if strings.HasPrefix(id, "<"+kind+"."+s.id+".") {
			n += times
		}
	}
	return n, err
}

func (s *story) awaitLetters(t *testing.T, kind string, want int) {
	t.Helper()
	eventually(t, startPatience, fmt.Sprintf("%d letters: %s", want, kind), func() error {
		n, err := s.count(kind)
		if err == nil && n != want {
			err = fmt.Errorf("%d have arrived", n)
		}
		return err
	})
}

// A sandbox's envelopes live by its test clock; what they sign has the real time, and
// every validator takes it.
func TestWhatLiesBetweenHappensWhenTheTestClockIsPutForward(t *testing.T) {
	b := openBench(t, "sandbox", "clock", ann.email, bob.email)
	signed, late := b.story("signed ahead"), b.story("late")
	must(t, signed.patient())
	must(t, late.patient())
	signed.awaitLetters(t, "invitation", 1)
	late.awaitLetters(t, "invitation", 1)

	b.advance(t, "five days", "120h", "120h0m0s")
	signed.awaitLetters(t, "reminder", 1)
	late.awaitLetters(t, "reminder", 1)

	after := b.story("sent after")
	must(t, after.patient())
	for i := range signed.who {
		must(t, signed.sign(i))
		must(t, after.sign(i))
	}
	must(t, signed.completed())
	must(t, after.completed())
	b.mustVerify(t, signed)
	b.mustVerify(t, after)

	b.advance(t, "a month", "720h", "840h0m0s")
	late.awaitLetters(t, "expired", 2)
	if e, err := late.look(); err != nil || e.Status != "expired" {
		t.Errorf("the late one is %s, %v", e.Status, err)
	}
	if n, err := late.count("reminder"); err != nil || n != 1 {
		t.Errorf("the late one got %d reminders, %v", n, err)
	}
	t.Log(home.command(t, "audit", "verify"))
}

// mustVerify checks the finished document with the roots that the hub gives out.
func (b bench) mustVerify(t *testing.T, s *story) {
	t.Helper()
	folder := t.TempDir()
	for name, path := range map[string]string{
		"signed.pdf": "/v1/envelopes/" + s.id + "/documents/" + s.document + "/final", "trust.pem": "/trust/sandbox.pem",
	} {
		data, err := b.api.get(path)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(folder, name), data, 0o600))
	}
	said := home.command(t, "verify", filepath.Join(folder, "signed.pdf"), "--trust", filepath.Join(folder, "trust.pem"), "--strict")
	for _, day := range []time.Duration{0, -time.Minute} { // around midnight it may be yesterday
		if strings.Contains(said, time.Now().Add(day).UTC().Format(time.DateOnly)) {
			return
		}
	}
	t.Errorf("it is not signed today: %s", said)
}
