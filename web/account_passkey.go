package web

import (
	"encoding/json"
	"net/http"

	"chancery/account"
	"chancery/problem"
)

// maxAnswer is the largest answer of an authenticator, in bytes.
const maxAnswer = 64 << 10

// answered is what the passkey script sends.
type answered struct {
	Token    string          `json:"token"`
	Answer   json.RawMessage `json:"answer"`
	Name     string          `json:"name"`
	Password string          `json:"password"`
	Next     string          `json:"next"`
}

func answeredIn(w http.ResponseWriter, r *http.Request) (a answered, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxAnswer)
	if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
		return a, problem.Invalid("invalid_json", "The answer did not arrive whole. Please try again.").Because(err)
	}
	return a, nil
}

// offerPasskey asks the browser to make a passkey.
func (s *site) offerPasskey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.person(r)
	if err != nil {
		return err
	}
	sent, err := answeredIn(w, r)
	if err != nil {
		return err
	}
	question, err := s.Accounts.OfferPasskey(r.Context(), v.user, sent.Password, s.from(r))
	if err != nil {
		return err
	}
	return reply(w, question)
}

func (s *site) addPasskey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.person(r)
	if err != nil {
		return err
	}
	sent, err := answeredIn(w, r)
	if err != nil {
		return err
	}
	if err := s.Accounts.AddPasskey(r.Context(), v.user, sent.Name, sent.Token, sent.Answer, s.from(r)); err != nil {
		return err
	}
	return reply(w, map[string]string{"next": "/account/two-factor?done=added"})
}

func (s *site) removePasskey(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.person(r)
	if err != nil {
		return err
	}
	if err := s.Accounts.RemovePasskey(r.Context(), v.user, r.PostFormValue("passkey"), s.from(r)); err != nil {
		return err
	}
	return goOn(w, r, "/account/two-factor?done=removed")
}

// askPasskey asks the browser for a passkey.
func (s *site) askPasskey(w http.ResponseWriter, r *http.Request) error {
	question, err := s.Accounts.AskPasskey(r.Context(), s.from(r))
	if err != nil {
		return err
	}
	return reply(w, question)
}

func (s *site) enterByPasskey(w http.ResponseWriter, r *http.Request) error {
	sent, err := answeredIn(w, r)
	if err != nil {
		return err
	}
	entered, err := s.Accounts.EnterByPasskey(r.Context(), sent.Token, sent.Answer, s.browser(r))
	if err != nil {
		return err
	}
	s.remember(w, entered)
	next := inside(sent.Next)
	if next == "" {
		next = "/dashboard"
	}
	return reply(w, map[string]string{"next": next})
}

// passkeys tells whether browsers make any for this address.
func (s *site) passkeys() bool { return s.Accounts != nil && s.Accounts.Passkeys != nil }

var passkeyWords = map[string]string{"added": "The passkey is added. You can sign in with it from now on.", "removed": "The passkey opens nothing any more."}

// withPasskeys shows what passkeys the user has.
func (s *site) withPasskeys(r *http.Request, view *factorPage, u account.User) (err error) {
	if !s.passkeys() {
		return nil
	}
	view.Offer, view.Script, view.Done = true, "passkey.ts", passkeyWords[r.FormValue("done")]
	view.Passkeys, err = s.Accounts.PasskeysOf(r.Context(), u)
	return err
}
