package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"chancery/envelope"
	"chancery/id"
	"chancery/links"
	"chancery/problem"
)

// maxAct is the largest answer taken, in bytes: a drawn signature of the most
// points there may be has some 300 kB.
const maxAct = 1 << 20

// given is an answer as the page sends it.
type given struct {
	ID       string            `json:"id"`
	Kind     envelope.ActKind  `json:"kind"`
	Reason   string            `json:"reason"`
	Delegate envelope.Person   `json:"delegate"`
	Values   map[string]string `json:"values"`
	Ink      envelope.Ink      `json:"ink"`
	Consent  bool              `json:"consent"`
}

// taken is what the page is answered.
type taken struct {
	Recipient envelope.RecipientStatus `json:"recipient"`
	Envelope  envelope.Status          `json:"envelope"`
	Next      string                   `json:"next"` // where the browser goes
}

// act takes the answer of a recipient, from the page's script or from a plain form.
func (s *site) act(w http.ResponseWriter, r *http.Request) error {
	g, err := s.guest(r)
	if err != nil {
		return err
	}
	said, err := readAct(w, r)
	if err != nil {
		return err
	}
	act, err := s.actOf(r, g, said)
	if err != nil {
		return err
	}
	answer, err := s.Desk.Act(r.Context(), act)
	if err != nil {
		return fmt.Errorf("take act %s of recipient %s on envelope %s: %w", act.ID, g.who.ID, g.ID, err)
	}
	if !speaksJSON(r) {
		http.Redirect(w, r, g.base, http.StatusSeeOther)
		return nil
	}
	return reply(w, taken{Recipient: answer.Recipient, Envelope: answer.Envelope, Next: g.base})
}

func readAct(w http.ResponseWriter, r *http.Request) (given, error) {
	var said given
	r.Body = http.MaxBytesReader(w, r.Body, maxAct)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // none is none of ours
	var err error
	if kind == "application/json" {
		in := json.NewDecoder(r.Body)
		in.DisallowUnknownFields()
		if err = in.Decode(&said); err == nil && in.Decode(&struct{}{}) != io.EOF {
			err = errors.New("more than one value")
		}
	} else if err = r.ParseForm(); err == nil {
		said = given{
			ID: r.PostFormValue("id"), Kind: envelope.ActKind(r.PostFormValue("kind")), Reason: r.PostFormValue("reason"),
			Delegate: envelope.Person{Name: r.PostFormValue("name"), Email: r.PostFormValue("email")},
		}
	}
	return said, unreadable(err)
}

func unreadable(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return problem.TooLarge("body_too_large", "That is more than can be taken at once.")
	}
	return problem.Invalid("request_unreadable", "The request cannot be read.").Because(err)
}

// actOf is the answer with all that the person does not choose.
func (s *site) actOf(r *http.Request, g guest, said given) (envelope.Act, error) {
	if !id.Is(id.Act, said.ID) {
		return envelope.Act{}, problem.Invalid("act_id_invalid", "Please load the page again.").At("id")
	}
	act := envelope.Act{ID: said.ID, Envelope: g.ID, Recipient: g.who.ID, Kind: said.Kind, Origin: s.origin(r)}
	switch said.Kind {
	case envelope.Sign:
		return s.signature(act, g, said)
	case envelope.Decline:
		act.Reason = strings.TrimSpace(said.Reason)
	case envelope.Delegate:
		return s.delegation(r, act, g, said)
	}
	return act, nil
}

func (s *site) signature(act envelope.Act, g guest, said given) (envelope.Act, error) {
	if !said.Consent {
		return act, problem.Invalid("consent_missing", "Please agree to sign electronically.").At("consent")
	}
	act.Values, act.Ink = said.Values, said.Ink
	if said.Ink.Picture == "" {
		return act, nil
	}
	link, err := s.Links.Open(uploadedByThem, said.Ink.Picture, s.Clock())
	name, theirs := strings.CutPrefix(link.Subject, g.who.ID+"/")
	if err != nil || !theirs {
		return act, problem.Invalid("picture_unknown", "Please upload the picture of your signature again.").At("ink.picture")
	}
	act.Ink.Picture = name
	return act, nil
}

// delegation names the person who acts instead. Their id follows from the act's,
// so that the same act twice adds one person.
func (s *site) delegation(r *http.Request, act envelope.Act, g guest, said given) (envelope.Act, error) {
	act.Delegate = envelope.Person{Name: strings.TrimSpace(said.Delegate.Name), Email: strings.TrimSpace(said.Delegate.Email)}
	act.Reason = strings.TrimSpace(said.Reason)
	act.NewID = id.Recipient + strings.TrimPrefix(act.ID, id.Act)
	if len([]rune(act.Reason)) > envelope.MaxReason {
		return act, problem.Invalid("reason_too_long", "The reason is longer than 1000 characters.").At("reason")
	}
	sender, err := s.Records.Team(r.Context(), g.Team)
	if err != nil {
		return act, err
	}
	return act, sender.MaySendTo(act.Delegate.Email)
}

// maxPicture of a signature, in bytes.
const maxPicture = 1 << 20

// keepPicture takes the picture of a signature. What it answers with is good for
// this recipient only.
func (s *site) keepPicture(w http.ResponseWriter, r *http.Request) error {
	g, err := s.guest(r)
	if err != nil {
		return err
	}
	if g.who.Role != envelope.Signer || !g.asked() {
		return problem.Conflict("not_your_turn", "Nothing is to be signed here now.")
	}
	picture, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPicture))
	if err != nil {
		return unreadable(err)
	}
	name, err := s.Papers.KeepPicture(r.Context(), g.ID, picture)
	if err != nil {
		return err
	}
	token := s.Links.Mint(links.Link{Purpose: uploadedByThem, Subject: g.who.ID + "/" + name, Expires: g.ExpiresAt})
	return reply(w, map[string]string{"picture": token})
}
