package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"crypto/x509"

	"chancery/audit"
	"chancery/pades"
)

// delivery of everything takes this long at most: an announcement that died with
// its process is made again after two minutes.
const toldPatience = 5 * time.Minute

// findings checks what must be true of completed envelopes of one team, whatever
// happened on the way.
func findings(t *testing.T, stories []*story, heard *subscriber) {
	t.Helper()
	if len(stories) == 0 {
		t.Fatal("no envelope was completed")
	}
	api := stories[0].api
	feed, err := feedOf(api)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, toldPatience, "every event is delivered", func() error { return allHeard(feed, heard) })
	eventually(t, toldPatience, "every letter is there once", func() error { return allWritten(stories) })
	roots, err := rootsOf(api)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		if err := errors.Join(s.told(feed), s.signedOnce(roots), s.evident()); err != nil {
			t.Errorf("%s (%s): %v", s.name, s.id, err)
		}
	}
	events, deliveries, faults := heard.tally()
	for _, fault := range faults {
		t.Error(fault)
	}
	t.Logf("%d envelopes, %d events in %d deliveries", len(stories), events, deliveries)
}

// feedEvent is an event as the feed tells it.
type feedEvent struct {
	ID, Type, Envelope string
	Sequence           int64
	Payload            json.RawMessage
}

func feedOf(api *caller) (all []feedEvent, err error) {
	for after := ""; ; {
		var page struct {
			Events []feedEvent
			Next   string
		}
		if err := api.insist("GET", "/v1/events?after="+url.QueryEscape(after), "", nil, &page); err != nil {
			return nil, err
		}
		if len(page.Events) == 0 {
			return all, nil
		}
		all, after = append(all, page.Events...), page.Next
	}
}

func allHeard(feed []feedEvent, heard *subscriber) error {
	for _, event := range feed {
		body, ok := heard.body(event.ID)
		if !ok {
			return fmt.Errorf("event %s (%s) was not delivered", event.ID, event.Type)
		}
		if !sameJSON(body, event.Payload) {
			return fmt.Errorf("event %s was delivered as %s, but the feed says %s", event.ID, body, event.Payload)
		}
	}
	return nil
}

func sameJSON(a, b []byte) bool {
	var left, right any
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	one, _ := json.Marshal(left)
	other, _ := json.Marshal(right)
	return bytes.Equal(one, other)
}

func allWritten(stories []*story) error {
	counts, err := stories[0].letters.counts()
	if err != nil {
		return err
	}
	for _, s := range stories {
		for _, letter := range s.expected() {
			if n := counts[messageID(letter)]; n != 1 {
				return fmt.Errorf("%s: letter %s is there %d times", s.name, letter, n)
			}
		}
	}
	return nil
}

// told compares the envelope's events with the story's, in number and order.
func (s *story) told(feed []feedEvent) error {
	var types []string
	for _, event := range feed {
		if event.Envelope != s.id {
			continue
		}
		types = append(types, event.Type)
		if event.Sequence != int64(len(types)) {
			return fmt.Errorf("event %s has sequence %d in place %d", event.ID, event.Sequence, len(types))
		}
	}
	if !slices.Equal(types, eventsOfTheStory) {
		return fmt.Errorf("the feed tells %v", types)
	}
	return nil
}

// signedOnce judges the final document: certified, signed once by each, sealed.
func (s *story) signedOnce(roots []*x509.Certificate) error {
	file, err := s.api.get("/v1/envelopes/" + s.id + "/documents/" + s.document + "/final")
	if err != nil {
		return err
	}
	report, err := pades.Verify(context.Background(), bytes.NewReader(file), int64(len(file)),
		pades.VerifyOptions{Roots: roots, Now: time.Now()})
	if err != nil {
		return err
	}
	var found []string
	for _, signature := range report.Signatures {
		who := string(signature.Role)
		if signature.Role == pades.Approval {
			who += " by " + signature.Name
		}
		if !signature.Holds() || signature.Trust != pades.Trusted {
			who += ", which does not hold"
		}
		found = append(found, who)
	}
	cast := s.cast()
	want := []string{"certification", "approval by " + cast[0].name, "approval by " + cast[1].name, "seal", "timestamp"}
	if report.Verdict != pades.Unchanged || !slices.Equal(found, want) {
		return fmt.Errorf("the final document is %s with %v, want unchanged with %v", report.Verdict, found, want)
	}
	return nil
}

// evident checks the downloaded audit trail offline.
func (s *story) evident() error {
	trail, err := s.api.get("/v1/envelopes/" + s.id + "/audit-trail")
	if err != nil {
		return err
	}
	return audit.VerifyJSON(bytes.NewReader(trail))
}

func rootsOf(api *caller) (roots []*x509.Certificate, err error) {
	for _, kind := range []string{"sandbox", "production"} {
		data, err := api.get("/trust/" + kind + ".pem")
		if err != nil {
			return nil, err
		}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			root, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, err
			}
			roots = append(roots, root)
		}
	}
	return roots, nil
}
