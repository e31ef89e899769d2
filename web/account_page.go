package web

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"chancery/account"
	"chancery/problem"
)

type accountPage struct {
	form
	Welcome  bool
	Done     string // what has just been done
	Secured  bool
	Sessions []seat

	Issuer    string // of the organisation's single sign-on; "" is none
	Connected bool
}

// seat is where somebody is signed in.
type seat struct {
	account.Session
	Here bool
}

// Name is the browser in words that its owner knows it by.
func (s seat) Name() string { return browserName(s.Origin.Device) }

// In this order, because each names itself after those below it as well.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}}
	systems  = [][2]string{{"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "a Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

func browserName(agent string) string {
	name, system := firstIn(agent, browsers), firstIn(agent, systems)
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name != "" || agent != "":
		return cmp.Or(name, agent)
	}
	return "An unnamed browser"
}

func firstIn(text string, words [][2]string) string {
	for _, word := range words {
		if strings.Contains(text, word[0]) {
			return word[1]
		}
	}
	return ""
}

var doneWords = map[string]string{
	"name": "Your name is changed.", "password": "Your password is changed; all other browsers are signed out.",
	"email": "Your address is changed.", "mail": "We have written to the new address. The account goes on under it once you use the link in that letter.",
	"sessions": "Signed out there.", "off": "Two-factor authentication is off.",
	"connected": "Your account is connected with your organisation’s single sign-on.", "disconnected": "Your account is not connected with single sign-on any more.",
}

func (s *site) accountView(r *http.Request, v visitor) (*accountPage, error) {
	view := &accountPage{form: s.form("Your account", r), Welcome: r.FormValue("welcome") != "", Done: doneWords[r.FormValue("done")], Secured: !v.user.SecuredAt.IsZero()}
	view.page = v.page("Your account")
	found, err := s.Records.Sessions(r.Context(), v.user.ID, s.Clock())
	for _, session := range found {
		view.Sessions = append(view.Sessions, seat{session, session.ID == v.session.ID})
	}
	if err != nil {
		return view, err
	}
	return view, s.withSignOn(r, view, v.user)
}

func (s *site) accountPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.owner(r)
	if err != nil {
		return err
	}
	view, err := s.accountView(r, v)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "account", view)
}

// onAccount does what a form of the account's page asks for, and shows the page again
// with what came of it.
func (s *site) onAccount(w http.ResponseWriter, r *http.Request, done string, do func(visitor) error) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.owner(r)
	if err != nil {
		return err
	}
	if err := do(v); err != nil {
		view, readErr := s.accountView(r, v)
		if readErr != nil {
			return readErr
		}
		return s.again(w, "account", view, err)
	}
	return goOn(w, r, "/account?done="+done)
}

func (s *site) rename(w http.ResponseWriter, r *http.Request) error {
	return s.onAccount(w, r, "name", func(v visitor) error {
		return s.Accounts.Rename(r.Context(), v.user, r.PostFormValue("name"), s.from(r))
	})
}

func (s *site) changePassword(w http.ResponseWriter, r *http.Request) error {
	return s.onAccount(w, r, "password", func(v visitor) error {
		entered, err := s.Accounts.ChangePassword(r.Context(), v.user, r.PostFormValue("current"), r.PostFormValue("password"), s.browser(r))
		if err == nil {
			s.remember(w, entered)
		}
		return err
	})
}

func (s *site) changeEmail(w http.ResponseWriter, r *http.Request) error {
	return s.onAccount(w, r, "mail", func(v visitor) error {
		err := s.Accounts.MoveTo(r.Context(), v.user, r.PostFormValue("email"), r.PostFormValue("current"), s.from(r))
		if problem.Has(err, account.ErrPasswordWrong.Code) {
			return account.ErrPasswordWrong.At("email-current")
		}
		return err
	})
}

func (s *site) endSession(w http.ResponseWriter, r *http.Request) error {
	return s.onAccount(w, r, "sessions", func(v visitor) error {
		if one := r.PostFormValue("session"); one != "" {
			return s.Records.EndSession(r.Context(), v.user.ID, one)
		}
		return s.Records.EndSessions(r.Context(), v.user.ID, v.session.ID)
	})
}

// movePage shows which address a link proves, and a button.
func (s *site) movePage(w http.ResponseWriter, r *http.Request) error {
	email, err := s.Accounts.Moving(r.Context(), r.PathValue("token"), s.from(r))
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "prove", &provePage{
		form: s.form("Is this your new address?", r), Address: r.URL.Path, Email: email,
		Question: "Then your account goes on under it. You sign in with it from now on.", Button: "Yes, use this address",
	})
}

func (s *site) move(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.Move(r.Context(), r.PathValue("token"), s.from(r)); err != nil {
		return err
	}
	return goOn(w, r, "/account?done=email")
}

type factorPage struct {
	form
	Secured  time.Time
	Secret   []string // in fours, while it waits for its first code
	Recovery []string // shown this once

	Offer    bool // browsers make passkeys for this address
	Passkeys []account.Passkey
	Done     string // what has just been done
}

// factorView is the page of two-factor authentication: to set it up, or to look after it.
func (s *site) factorView(r *http.Request, v visitor) (*factorPage, error) {
	view := &factorPage{form: s.form("Two-factor authentication", r), Secured: v.user.SecuredAt}
	view.page = v.page("Two-factor authentication")
	if !v.user.SecuredAt.IsZero() {
		return view, s.withPasskeys(r, view, v.user)
	}
	secret, err := s.Accounts.SetUp(r.Context(), v.user)
	for ; len(secret) > 4; secret = secret[4:] {
		view.Secret = append(view.Secret, secret[:4])
	}
	view.Secret = append(view.Secret, secret)
	return view, err
}

func (s *site) factorPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.owner(r)
	if err != nil {
		return err
	}
	view, err := s.factorView(r, v)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "two-factor", view)
}

// factorPicture is the secret for a device's camera.
func (s *site) factorPicture(w http.ResponseWriter, r *http.Request) error {
	v, err := s.person(r)
	if err != nil {
		return err
	}
	drawn, err := s.Accounts.Picture(r.Context(), v.user)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(drawn) // the reader may be gone
	return nil
}

// onFactor does what a form of that page asks for; recovery codes that come of it are
// shown this once.
func (s *site) onFactor(w http.ResponseWriter, r *http.Request, do func(visitor) ([]string, error)) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.owner(r)
	if err != nil {
		return err
	}
	recovery, err := do(v)
	if err != nil {
		view, readErr := s.factorView(r, v)
		if readErr != nil {
			return readErr
		}
		return s.again(w, "two-factor", view, err)
	}
	if recovery == nil {
		return goOn(w, r, "/account?done=off")
	}
	view := &factorPage{form: s.form("Your recovery codes", r), Recovery: recovery}
	view.page = v.page("Your recovery codes")
	return s.views.show(w, http.StatusOK, "recovery", view)
}

func (s *site) secureAccount(w http.ResponseWriter, r *http.Request) error {
	return s.onFactor(w, r, func(v visitor) ([]string, error) {
		recovery, entered, err := s.Accounts.Secure(r.Context(), v.user, r.PostFormValue("code"), s.browser(r))
		if err == nil {
			s.remember(w, entered)
		}
		return recovery, err
	})
}

func (s *site) unsecureAccount(w http.ResponseWriter, r *http.Request) error {
	return s.onFactor(w, r, func(v visitor) ([]string, error) {
		return nil, s.Accounts.Unsecure(r.Context(), v.user, r.PostFormValue("current"), r.PostFormValue("code"), s.browser(r))
	})
}

func (s *site) renewRecovery(w http.ResponseWriter, r *http.Request) error {
	return s.onFactor(w, r, func(v visitor) ([]string, error) {
		return s.Accounts.Renew(r.Context(), v.user, r.PostFormValue("current"), r.PostFormValue("code"), s.browser(r))
	})
}
