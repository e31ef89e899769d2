// Package web is what people see: the page on which they sign, the dashboard of
// a team, and a small front page.
//
// The signing page is the product for everyone who is not a customer. It is made
// on the server and readable without scripts; scripts add drawing a signature,
// selectable text and a walk from field to field. It loads nothing from anywhere
// else, and its address is a secret, so no page is cached, framed or referred
// from.
//
// Opening a page changes nothing: not by GET, not by HEAD, not by running its
// scripts, because mail scanners do all three. Looking counts as viewed with the
// first touch, key or click of a person; everything else is a POST that names
// its act, so that a double click is one act.
package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/rate"
	"chancery/team"
	"chancery/webhooks"
)

// Config of the pages. Everything but Proxies is needed.
type Config struct {
	Records        Records
	Envelopes      func(ctx context.Context, teams []string, f Filter) (found []envelope.Envelope, next string, err error) // newest first
	Administration Administration
	Decide         func(ctx context.Context, application string, status team.ApplicationStatus, reason string) (team.Application, error) // and tell the applicant
	Limit          func(team.Team) team.RateLimit                                                                                        // of calls of the API
	Calls          rate.Window                                                                                                           // in which trials of webhooks are counted
	Hooks          webhooks.Policy                                                                                                       // where events may be sent
	Desk           Desk
	Integration    Integration
	Papers         Papers
	Pages          Pages
	Links          Links
	Checker        Checker
	Accounts       *account.Accounts
	Region         string            // where this deployment lies
	Regions        map[string]string // addresses of all deployments, by region; none is this one alone
	MaxUpload      int64             // bytes of a document that is checked
	Clock          func() time.Time
	Log            *slog.Logger
	PublicURL      string   // as people type it; cookies are kept to https when it begins so
	Proxies        []string // addresses or prefixes whose X-Forwarded-For is believed
}

type site struct {
	Config
	assets  assets
	views   views
	proxies []netip.Prefix
	secure  bool
	checks  checks
}

// New returns the handler of all pages. It bundles scripts and styles (some
// 20 ms) and reads every template, so that a fault in them shows at the start.
func New(c Config) (http.Handler, error) {
	proxies, err := prefixes(c.Proxies)
	if err != nil {
		return nil, fmt.Errorf("open the pages: %w", err)
	}
	bundled, err := bundle()
	if err != nil {
		return nil, fmt.Errorf("open the pages: %w", err)
	}
	parsed, err := parse(bundled)
	if err != nil {
		return nil, fmt.Errorf("open the pages: %w", err)
	}
	s := &site{Config: c, assets: bundled, views: parsed, proxies: proxies, secure: strings.HasPrefix(c.PublicURL, "https:")}
	mux := http.NewServeMux()
	s.routes(func(pattern string, h handler) { mux.Handle(pattern, s.answer(h)) })
	return s.guard(mux), nil
}

// routes names every address there is, and who answers there.
func (s *site) routes(handle func(pattern string, h handler)) {
	handle("GET /{$}", s.front)
	handle("GET /assets/{name}", s.assets.give)

	handle("GET /verify", s.checkPage)
	handle("POST /verify", s.check)

	handle("GET /s/{token}", s.signingPage)
	handle("GET /s/{token}/places.css", s.places)
	handle("GET /s/{token}/p/{document}/{page}", s.picture)
	handle("GET /s/{token}/t/{document}/{page}", s.lines)
	handle("GET /s/{token}/text/{document}", s.textPage)
	handle("GET /s/{token}/d/{document}", s.download)
	handle("GET /s/{token}/audit.pdf", s.evidence)
	handle("POST /s/{token}/acts", s.act)
	handle("POST /s/{token}/picture", s.keepPicture)
	handle("GET /s/{token}/written", s.written)

	handle("POST /news/{connection}/{token}", s.news)

	handle("GET /dashboard", s.dashboard)
	handle("GET /sign-up", s.signUpPage)
	handle("POST /sign-up", s.signUp)
	handle("GET /prove/{token}", s.provePage)
	handle("POST /prove/{token}", s.prove)
	handle("GET /sign-in", s.signInPage)
	handle("POST /sign-in", s.signIn)
	handle("GET /sign-in/code", s.codePage)
	handle("POST /sign-in/code", s.code)
	handle("POST /sign-in/passkey/ask", s.askPasskey)
	handle("POST /sign-in/passkey", s.enterByPasskey)
	handle("GET /sign-in/with/{organisation}", s.signInWith)
	handle("GET /sign-in/return", s.comeBack)
	handle("GET /forgotten", s.forgottenPage)
	handle("POST /forgotten", s.forgotten)
	handle("GET /reset/{token}", s.resetPage)
	handle("POST /reset/{token}", s.reset)
	handle("GET /invitations/{token}", s.acceptPage)
	handle("POST /invitations/{token}", s.accept)
	handle("GET /account", s.accountPage)
	handle("POST /account/name", s.rename)
	handle("POST /account/password", s.changePassword)
	handle("POST /account/email", s.changeEmail)
	handle("GET /account/email/{token}", s.movePage)
	handle("POST /account/email/{token}", s.move)
	handle("POST /account/sessions/end", s.endSession)
	handle("GET /account/two-factor", s.factorPage)
	handle("GET /account/two-factor/code.png", s.factorPicture)
	handle("POST /account/two-factor", s.secureAccount)
	handle("POST /account/two-factor/off", s.unsecureAccount)
	handle("POST /account/two-factor/recovery", s.renewRecovery)
	handle("GET /account/identity/connect", s.connectIdentity)
	handle("POST /account/identity/disconnect", s.disconnectIdentity)
	handle("GET /account/single-sign-on", s.signOnPage)
	handle("POST /account/single-sign-on", s.setSignOn)
	handle("POST /account/single-sign-on/remove", s.removeSignOn)
	handle("POST /account/passkeys/ask", s.offerPasskey)
	handle("POST /account/passkeys", s.addPasskey)
	handle("POST /account/passkeys/remove", s.removePasskey)
	handle("GET /dashboard/invitations", s.invitationsPage)
	handle("POST /dashboard/invitations", s.invite)
	handle("POST /dashboard/invitations/revoke", s.uninvite)
	handle("POST /sign-out", s.signOut)
	handle("GET /dashboard/open/{token}", s.openDashboard)
	handle("POST /dashboard/team", s.chooseTeam)
	handle("GET /dashboard/envelopes/{envelope}", s.envelopePage)
	handle("GET /dashboard/envelopes/{envelope}/d/{document}", s.teamDownload)
	handle("GET /dashboard/envelopes/{envelope}/audit.pdf", s.teamEvidence)
	handle("POST /dashboard/envelopes/{envelope}/void", s.void)
	handle("POST /dashboard/envelopes/{envelope}/resend", s.resend)
	handle("POST /dashboard/envelopes/{envelope}/correct", s.correct)
	s.teamRoutes(handle)
	s.apiRoutes(handle)
	s.connectRoutes(handle)
	s.operatorRoutes(handle)

	handle("/", s.nowhere)
}

func (s *site) front(w http.ResponseWriter, _ *http.Request) error {
	return s.views.show(w, http.StatusOK, "front", page{Title: "Chancery"})
}
