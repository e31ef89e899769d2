package web

import (
	"net/http"

	"chancery/account"
	"chancery/problem"
	"chancery/team"
)

type signOnPage struct {
	form
	Provider account.Provider // without its secret
	Set      bool
	Begin    string // where people begin
	Return   string // to enter at the provider
	Done     string // what has just been done
}

var signOnWords = map[string]string{"set": "Single sign-on is set up.", "removed": "There is no single sign-on any more."}

// headOf opens the cookie of somebody at the head of their organisation.
func (s *site) headOf(r *http.Request) (visitor, error) {
	v, err := s.owner(r)
	if err != nil {
		return v, err
	}
	return v, v.may(team.ManageOrganisation, team.Thing{Organisation: v.user.Organisation}, errNowhere)
}

func (s *site) signOnView(r *http.Request, v visitor) (*signOnPage, error) {
	view := &signOnPage{form: s.form("Single sign-on", r), Begin: s.Accounts.SignOnURL(v.user.Organisation), Return: s.Accounts.ReturnURL(), Done: signOnWords[r.FormValue("done")]}
	view.page = v.page("Single sign-on")
	p, err := s.Accounts.SignOns.Provider(r.Context(), v.user.Organisation)
	if problem.Has(err, account.ErrNoProvider.Code) {
		return view, nil
	}
	p.Secret = ""
	view.Provider, view.Set = p, err == nil
	return view, err
}

func (s *site) signOnPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.headOf(r)
	if err != nil {
		return err
	}
	view, err := s.signOnView(r, v)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "single-sign-on", view)
}

func (s *site) setSignOn(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.headOf(r)
	if err != nil {
		return err
	}
	err = s.Accounts.Provide(r.Context(), account.Provider{
		Organisation: v.user.Organisation, Issuer: r.PostFormValue("issuer"), ClientID: r.PostFormValue("client_id"), Secret: r.PostFormValue("secret"),
	}, v.user, s.from(r))
	if err == nil {
		return goOn(w, r, "/account/single-sign-on?done=set")
	}
	view, readErr := s.signOnView(r, v)
	if readErr != nil {
		return readErr
	}
	return s.again(w, "single-sign-on", view, err)
}

func (s *site) removeSignOn(w http.ResponseWriter, r *http.Request) error {
	v, err := s.headOf(r)
	if err != nil {
		return err
	}
	err = s.Accounts.SignOns.RemoveProvider(r.Context(), v.user.Organisation, v.user, account.Deed{Kind: "organisation.single_sign_on_removed", From: s.from(r)})
	if err != nil {
		return err
	}
	return goOn(w, r, "/account/single-sign-on?done=removed")
}

// stateCookie binds a journey to the browser that began it.
func (s *site) stateCookie() string { return s.sessionCookie() + "-journey" }

// leave sends somebody to the provider of their organisation.
func (s *site) leave(w http.ResponseWriter, r *http.Request, organisation string, connects account.User) error {
	address, state, err := s.Accounts.Leave(r.Context(), organisation, connects, inside(r.FormValue("next")), s.from(r))
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(s.stateCookie(), state, account.PendingFor))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

func (s *site) signInWith(w http.ResponseWriter, r *http.Request) error {
	return s.leave(w, r, r.PathValue("organisation"), account.User{})
}

func (s *site) connectIdentity(w http.ResponseWriter, r *http.Request) error {
	v, err := s.person(r)
	if err != nil {
		return err
	}
	return s.leave(w, r, v.user.Organisation, v.user)
}

func (s *site) disconnectIdentity(w http.ResponseWriter, r *http.Request) error {
	return s.onAccount(w, r, "disconnected", func(v visitor) error { return s.Accounts.Disconnect(r.Context(), v.user, s.from(r)) })
}

// comeBack takes somebody who returns from the provider.
func (s *site) comeBack(w http.ResponseWriter, r *http.Request) error {
	kept := ""
	if cookie, err := r.Cookie(s.stateCookie()); err == nil {
		kept = cookie.Value
	}
	s.forget(w, s.stateCookie())
	entered, next, err := s.Accounts.Return(r.Context(), r.FormValue("state"), kept, r.FormValue("code"), s.browser(r))
	if err != nil {
		return err
	}
	if entered.Token != "" {
		s.remember(w, entered)
	}
	if entered.Stage == account.Pending {
		next = "/sign-in/code"
	}
	return goOn(w, r, next)
}

// withSignOn shows whether the user is connected with their organisation's provider.
func (s *site) withSignOn(r *http.Request, view *accountPage, u account.User) error {
	p, err := s.Accounts.SignOns.Provider(r.Context(), u.Organisation)
	if problem.Has(err, account.ErrNoProvider.Code) {
		return nil
	}
	if err != nil {
		return err
	}
	view.Issuer = p.Issuer
	view.Connected, err = s.Accounts.SignOns.Connected(r.Context(), u.ID)
	return err
}
