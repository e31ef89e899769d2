package integration

import (
	"context"
	"maps"

	"golang.org/x/oauth2"

	"chancery/connectors"
	"chancery/problem"
)

// Asking is a connection whose consent somebody gives in the system, in a browser.
type Asking struct {
	Connection connectors.Connection // as it was filled in; without an id it is yet to be made
	Back       string                // where they return
	Verifier   string                // proves that who asks is who takes (RFC 7636); Ask makes it
}

var errNoConsent = problem.Invalid("system_asks_nobody", "In this system nobody says yes in a browser.").At("system")

// Ask is the address in the system where somebody gives their consent to a
// connection. State comes back with them.
func (d *Desk) Ask(ctx context.Context, c connectors.Connection, back, state string) (address string, a Asking, err error) {
	a = Asking{Connection: c, Back: back, Verifier: oauth2.GenerateVerifier()}
	system, _, err := d.amend(ctx, &a.Connection)
	if err != nil {
		return "", a, err
	}
	if system.Consent == nil {
		return "", a, errNoConsent
	}
	address, err = system.Consent.Ask(a.Connection.Settings, a.Back, state, oauth2.S256ChallengeFromVerifier(a.Verifier))
	return address, a, err
}

// Take makes credentials of the code that somebody came back with, and saves the
// connection with them once the system has taken these.
func (d *Desk) Take(ctx context.Context, a Asking, code string) (connectors.Connection, error) {
	c := a.Connection
	system, _, err := d.amend(ctx, &c)
	if err != nil {
		return c, err
	}
	if system.Consent == nil {
		return c, errNoConsent
	}
	given, err := system.Consent.Take(ctx, d.HTTP, c.Settings, a.Back, code, a.Verifier)
	if err != nil {
		return c, said(err, "settings")
	}
	maps.Copy(c.Settings, given)
	return d.SaveConnection(ctx, c)
}
