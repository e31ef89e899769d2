package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"chancery/account"
	"chancery/problem"
)

type signUpPage struct {
	form
	Here    string   // the region of this deployment, for people
	Regions []region // all, this one among them; one is no choice
	Chosen  bool
}

// region is a deployment that people can sign up at.
type region struct {
	Name    string
	Words   string
	Address string // its sign-up page
	Here    bool
}

var regionWords = map[string]string{"eu": "European Union", "us": "United States"}

func regionName(region string) string { return cmp.Or(regionWords[region], strings.ToUpper(region)) }

func (s *site) regions() (all []region) {
	for _, name := range slices.Sorted(maps.Keys(s.Regions)) {
		all = append(all, region{
			Name: name, Words: regionName(name), Here: name == s.Region,
			Address: strings.TrimSuffix(s.Regions[name], "/") + "/sign-up?" + url.Values{"region": {name}}.Encode(),
		})
	}
	return all
}

// signUpView asks for the region first. Another one is another deployment: people go
// there before they enter anything, so that nothing of theirs is sent along.
func (s *site) signUpView(r *http.Request) *signUpPage {
	view := &signUpPage{form: s.form("Sign up", r), Here: regionName(s.Region), Regions: s.regions()}
	view.Chosen = len(view.Regions) < 2 || r.FormValue("region") == s.Region
	return view
}

func (s *site) signUpPage(w http.ResponseWriter, r *http.Request) error {
	return s.views.show(w, http.StatusOK, "sign-up", s.signUpView(r))
}

func (s *site) signUp(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	view := s.signUpView(r)
	device, err := s.Accounts.SignUp(r.Context(), account.SignUp{
		Name: r.PostFormValue("name"), Organisation: r.PostFormValue("organisation"),
		Email: r.PostFormValue("email"), Password: r.PostFormValue("password"),
	}, s.browser(r))
	if err != nil {
		view.Chosen = true
		return s.again(w, "sign-up", view, err)
	}
	http.SetCookie(w, s.cookie(s.deviceCookie(), device, deviceFor))
	return s.mailbox(w, r, "We have written to you", "The letter has a link that proves the address is yours. It works for a day; the account is made when you use it.")
}

type mailboxPage struct {
	page
	Email string
	What  string
}

// mailbox says that a letter is on its way, in the same words whether or not the
// address has an account.
func (s *site) mailbox(w http.ResponseWriter, r *http.Request, title, what string) error {
	return s.views.show(w, http.StatusOK, "mailbox", mailboxPage{page: page{Title: title}, Email: strings.TrimSpace(r.PostFormValue("email")), What: what})
}

type provePage struct {
	form
	Address  string // where the button goes
	Email    string
	Question string
	Button   string
	Password bool // is asked for
}

func (s *site) proveView(r *http.Request) (*provePage, error) {
	promised, err := s.Accounts.Promised(r.Context(), r.PathValue("token"), s.from(r))
	return &provePage{
		form: s.form("Is this your address?", r), Address: r.URL.Path, Email: promised.Email, Password: !promised.Entered(s.browser(r)),
		Question: "Then the account for " + promised.Organisation + " is made now, and you are signed in.", Button: "Yes, make the account",
	}, err
}

// provePage shows what a link proves, and a button: mail scanners open links, but
// press nothing.
func (s *site) provePage(w http.ResponseWriter, r *http.Request) error {
	view, err := s.proveView(r)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "prove", view)
}

func (s *site) prove(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	entered, err := s.Accounts.Prove(r.Context(), r.PathValue("token"), r.PostFormValue("password"), s.browser(r))
	if problem.Has(err, account.ErrLink.Code) {
		return err
	}
	if err != nil {
		view, readErr := s.proveView(r)
		if readErr != nil {
			return readErr
		}
		return s.again(w, "prove", view, err)
	}
	s.remember(w, entered)
	return goOn(w, r, "/account?welcome=1")
}

// enterForm is a form to sign in; with the script, it takes a passkey as well.
func (s *site) enterForm(title string, r *http.Request) form {
	f := s.form(title, r)
	if s.passkeys() {
		f.Script = "passkey.ts"
	}
	return f
}

// signInPage asks who is there.
func (s *site) signInPage(w http.ResponseWriter, r *http.Request) error {
	view := s.enterForm("Sign in", r)
	return s.views.show(w, http.StatusOK, "door", &view)
}

func (s *site) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	view := s.enterForm("Sign in", r)
	entered, err := s.Accounts.SignIn(r.Context(), r.PostFormValue("email"), r.PostFormValue("password"), s.browser(r))
	if err != nil {
		return s.again(w, "door", &view, err)
	}
	s.remember(w, entered)
	if entered.Stage == account.Pending {
		return goOn(w, r, "/sign-in/code?"+url.Values{"next": {view.Next}}.Encode())
	}
	return goOn(w, r, view.Next)
}

// codePage asks for the second factor of whoever has shown their password.
func (s *site) codePage(w http.ResponseWriter, r *http.Request) error {
	if _, _, err := s.Records.Session(r.Context(), account.HashToken(s.browser(r).Token), account.Pending, s.Clock()); err != nil {
		return err
	}
	view := s.enterForm("One more step", r)
	return s.views.show(w, http.StatusOK, "code", &view)
}

func (s *site) code(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	view := s.enterForm("One more step", r)
	entered, err := s.Accounts.SecondStep(r.Context(), r.PostFormValue("code"), s.browser(r))
	if problem.Has(err, account.ErrSignedOut.Code) { // it took them too long
		return goOn(w, r, "/sign-in?"+url.Values{"next": {view.Next}}.Encode())
	}
	if err != nil {
		return s.again(w, "code", &view, err)
	}
	s.remember(w, entered)
	return goOn(w, r, view.Next)
}

func (s *site) forgottenPage(w http.ResponseWriter, r *http.Request) error {
	view := s.form("Forgotten password", r)
	return s.views.show(w, http.StatusOK, "forgotten", &view)
}

func (s *site) forgotten(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	if err := s.Accounts.Forgotten(r.Context(), r.PostFormValue("email"), s.from(r)); err != nil {
		view := s.form("Forgotten password", r)
		return s.again(w, "forgotten", &view, err)
	}
	return s.mailbox(w, r, "Look into your mailbox", "If the address has an account, a letter with a link to choose a new password is on its way. The link works for an hour.")
}

func (s *site) resetPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.Accounts.Resettable(r.Context(), r.PathValue("token"), s.from(r)); err != nil {
		return err
	}
	view := s.form("Choose a new password", r)
	return s.views.show(w, http.StatusOK, "reset", &view)
}

func (s *site) reset(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	err := s.Accounts.Reset(r.Context(), r.PathValue("token"), r.PostFormValue("password"), s.browser(r))
	if problem.Has(err, account.ErrLink.Code) {
		return err
	}
	if err != nil {
		view := s.form("Choose a new password", r)
		return s.again(w, "reset", &view, err)
	}
	return goOn(w, r, "/sign-in?changed=1")
}
