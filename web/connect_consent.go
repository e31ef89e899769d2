package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"chancery/account"
	"chancery/connectors"
	"chancery/integration"
	"chancery/problem"
)

const (
	consentReturn  = "/dashboard/connectors/return"
	consentPurpose = "connector consent"
	// consentFor is how long somebody may take in the other system, signing in there
	// included.
	consentFor = 15 * time.Minute
)

var errConsent = problem.Denied("consent_invalid", "This does not answer anything that you have begun here in the last minutes, or has been answered already. Please begin again on the page of the connection.")

type consentPage struct {
	connectPage
	One     connection
	Address string // where they say yes
	Host    string // of it
	Back    string // where the system sends them afterwards
	Return  string // page of the form
}

// returnAddress is where systems send people back to.
func (s *site) returnAddress() string {
	return strings.TrimSuffix(s.PublicURL, "/") + consentReturn
}

// consentKey finds what somebody was asked: by the state that comes back with them,
// and only for the same session and team.
func consentKey(state string, v visitor) []byte {
	return account.HashToken(strings.Join([]string{state, v.session.ID, v.team.ID}, " "))
}

// askConsent shows the way to the system, where somebody says yes. It is a link and
// no redirect, for the form of a page that obeys our policy leads to no other site.
func (s *site) askConsent(w http.ResponseWriter, r *http.Request, v visitor, system connectors.System, c connectors.Connection) error {
	state := account.NewToken()
	address, asking, err := s.Integration.Ask(r.Context(), c, s.returnAddress(), state)
	if err != nil {
		return s.troubledConnection(w, r, v, system, c, err)
	}
	question, err := json.Marshal(asking)
	if err != nil {
		return fmt.Errorf("write what is asked: %w", err)
	}
	if err := s.Accounts.Challenges.Ask(r.Context(), consentKey(state, v), consentPurpose, question, s.Clock().Add(consentFor)); err != nil {
		return err
	}
	view := consentPage{connectPage: s.connectPage(w, r, v, "Connections"), One: s.connectionOf(c), Address: address, Back: asking.Back, Return: formOf(c)}
	if at, err := url.Parse(address); err == nil {
		view.Host = at.Host
	}
	return s.views.show(w, http.StatusOK, "consent", view)
}

// consented takes somebody who comes back from the system.
func (s *site) consented(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	question, err := s.Accounts.Challenges.Asked(r.Context(), consentKey(r.FormValue("state"), v), consentPurpose, s.Clock())
	if problem.Has(err, account.ErrPasskeyWrong.Code) {
		return errConsent.Because(err)
	}
	if err != nil {
		return err
	}
	var asking integration.Asking
	if err := json.Unmarshal(question, &asking); err != nil {
		return fmt.Errorf("read what was asked: %w", err)
	}
	system, err := s.Integration.System(asking.Connection.System)
	if err != nil {
		return err
	}
	saved, err := s.takeConsent(r, system, asking)
	if err != nil {
		return s.troubledConnection(w, r, v, system, asking.Connection, err)
	}
	s.noted(r, v, v.team.ID, "connection.saved", "connection", saved.ID)
	// Whoever comes from another site brings no cookie that could carry a sentence.
	http.Redirect(w, r, s.connectionOf(saved).Address+"?done=consent", http.StatusSeeOther)
	return nil
}

// takeConsent makes credentials of the answer, unless it is a no (RFC 6749 §4.1.2.1).
func (s *site) takeConsent(r *http.Request, system connectors.System, asking integration.Asking) (connectors.Connection, error) {
	switch said, code := r.FormValue("error"), r.FormValue("code"); {
	case said == "access_denied":
		return asking.Connection, problem.Invalid("consent_refused", "Nobody has said yes in "+system.Title+", so nothing is changed here.")
	case said != "":
		return asking.Connection, problem.Invalid("consent_refused", system.Title+" says: "+connectors.Clean(said+" "+r.FormValue("error_description")))
	case code == "":
		return asking.Connection, problem.Invalid("consent_refused", system.Title+" has sent no answer.")
	default:
		return s.Integration.Take(r.Context(), asking, code)
	}
}
