package e2e

import (
	"fmt"
	"net/http"
	"time"

	"chancery/demo"
)

// player is one person of the story.
type player struct{ name, email string }

var (
	ann = player{"Ann Lee", "ann@example.com"}
	bob = player{"Bob Čapek", "bob@example.com"}
)

// story is one envelope: a program sends it, Ann signs, then Bob. Every wish has
// an id of its own, and whoever gets no answer asks again with the same id.
type story struct {
	api      *caller
	letters  outbox
	document string
	name     string // unlike any other's: the Idempotency-Key too

	title   string // "Agreement" unless said
	message string
	signers [2]player         // Ann and Bob unless said
	values  map[string]string // of text fields, by label

	id   string // of the envelope, once it is sent
	who  [2]string
	acts [2]string
}

func (s *story) cast() [2]player {
	if s.signers[0].name == "" {
		return [2]player{ann, bob}
	}
	return s.signers
}

// play tells the whole story up to the end of the envelope.
func (s *story) play() error {
	if err := s.send(); err != nil {
		return err
	}
	for i := range s.who {
		if err := s.sign(i); err != nil {
			return err
		}
	}
	return s.completed()
}

type sentEnvelope struct {
	ID, Status string
	Recipients []struct{ ID, Status string }
	Fields     []struct{ ID, Recipient, Kind, Label string }
}

func (s *story) send() error {
	var sent sentEnvelope
	if err := s.api.insist(http.MethodPost, "/v1/envelopes", s.name, s.content(), &sent); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	if len(sent.Recipients) != 2 {
		return fmt.Errorf("%s: envelope %s has %d recipients", s.name, sent.ID, len(sent.Recipients))
	}
	s.id = sent.ID
	for i, r := range sent.Recipients {
		s.who[i] = r.ID
	}
	return nil
}

func (s *story) content() map[string]any {
	cast := s.cast()
	field := func(ref, kind, label string, x, y float64) map[string]any {
		return map[string]any{"recipient": ref, "page": 1, "kind": kind, "label": label, "x": x, "y": y, "width": 180, "height": 40}
	}
	fields := []map[string]any{field("first", "signature", "", 60, 600), field("second", "signature", "", 320, 600)}
	for label := range s.values {
		fields = append(fields, field("first", "text", label, 60, 680))
	}
	title := s.title
	if title == "" {
		title = "Agreement"
	}
	return map[string]any{
		"title": title, "message": s.message, "documents": []string{s.document}, "send": true,
		"recipients": []map[string]any{
			{"ref": "first", "name": cast[0].name, "email": cast[0].email, "step": 1},
			{"ref": "second", "name": cast[1].name, "email": cast[1].email, "step": 2},
		},
		"fields": fields,
	}
}

// sign opens the link in the letter and signs.
func (s *story) sign(i int) error {
	link, err := s.link(i)
	if err != nil {
		return err
	}
	return s.signAt(i, link)
}

func (s *story) signAt(i int, link string) (err error) {
	body := demo.Signature()
	s.acts[i] = body["id"].(string)
	if body["values"], err = s.filled(i); err != nil {
		return err
	}
	// The link is asked through the story's own door: the letter's may lead to a process that is gone.
	guest := newCaller(s.api.url, "")
	if err := guest.insist(http.MethodPost, link+"/acts", "", body, nil); err != nil {
		return fmt.Errorf("%s, signer %d: %w", s.name, i+1, err)
	}
	return nil
}

func (s *story) filled(i int) (map[string]string, error) {
	filled := map[string]string{}
	if len(s.values) == 0 {
		return filled, nil
	}
	e, err := s.look()
	for _, f := range e.Fields {
		if f.Recipient == s.who[i] && f.Kind == "text" {
			filled[f.ID] = s.values[f.Label]
		}
	}
	return filled, err
}

// invitation is the id of the letter that asks a signer: what released them is in it.
func (s *story) invitation(i int) string {
	cause := "send"
	if i > 0 {
		cause = s.acts[i-1]
	}
	return "invitation." + s.id + "." + s.who[i] + "." + cause
}

// impatience is how long a signer waits for a letter before their link is asked of the API:
// an announcement that died with its process is made again after two minutes.
const impatience = 5 * time.Second

func (s *story) link(i int) (path string, err error) {
	err = await(impatience, func() (err error) {
		path, err = s.letters.link(s.invitation(i))
		return err
	})
	if err == nil {
		return path, nil
	}
	return s.given(i)
}

// given is a link that the API makes.
func (s *story) given(i int) (path string, err error) {
	var given struct{ URL string }
	at := "/v1/envelopes/" + s.id + "/recipients/" + s.who[i] + "/signing-link"
	err = s.api.insist(http.MethodPost, at, s.name+"/link/"+s.who[i], nil, &given)
	return signingPath.FindString(given.URL), err
}

func (s *story) look() (e sentEnvelope, err error) {
	err = s.api.insist(http.MethodGet, "/v1/envelopes/"+s.id, "", nil, &e)
	return e, err
}

// completed waits for the end, asking less and less often: a sandbox may make a
// hundred calls a minute.
func (s *story) completed() error {
	end := time.Now().Add(insistence)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 3*time.Second) {
		e, err := s.look()
		if err != nil || e.Status == "completed" {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s: envelope %s is still %s", s.name, s.id, e.Status)
		}
		time.Sleep(pause)
	}
}

// expected are the letters of the whole story.
func (s *story) expected() []string {
	return []string{
		s.invitation(0), s.invitation(1),
		"completion." + s.id + "." + s.who[0] + ".complete",
		"completion." + s.id + "." + s.who[1] + ".complete",
		"completion." + s.id + ".sender.complete",
	}
}

// events of the whole story, in their order.
var eventsOfTheStory = []string{
	"envelope.sent", "recipient.released",
	"recipient.viewed", "recipient.signed", "recipient.released",
	"recipient.viewed", "recipient.signed",
	"envelope.completed", "document.downloadable",
}
