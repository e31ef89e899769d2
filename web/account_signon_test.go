package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"chancery/account"
	"chancery/team"
	"chancery/webhooks"
)

// issuer is an OpenID provider at which one person is signed in.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	now    func() time.Time

	mu      sync.Mutex
	subject string
	asked   map[string]url.Values // what came with each code
	spoil   func(claims map[string]any)
}

func newIssuer(t *testing.T, now func() time.Time) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key, now: now, subject: "ada-there", asked: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := i.server.URL
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	return i
}

// authorize sends the person straight back.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != "hub" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || !strings.Contains(q.Get("scope"), "openid") {
		i.t.Errorf("asked with %v", q)
	}
	code := account.NewToken()
	i.mu.Lock()
	i.asked[code] = q
	i.mu.Unlock()
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	asked := i.asked[r.PostFormValue("code")]
	delete(i.asked, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if asked == nil || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || id != "hub" || secret != "shared-with-the-hub" {
		http.Error(w, `{"error": "invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{"iss": i.server.URL, "aud": "hub", "sub": i.subject, "nonce": asked.Get("nonce"), "iat": i.now().Unix(), "exp": i.now().Add(time.Minute).Unix()}
	if i.spoil != nil {
		i.spoil(claims)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: i.key, KeyID: "1"}}, nil)
	if err != nil {
		i.t.Error(err)
	}
	body, _ := json.Marshal(claims)
	signed, err := signer.Sign(body)
	if err != nil {
		i.t.Error(err)
	}
	text, _ := signed.CompactSerialize()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": text})
}

// provided is Ada's organisation with a provider of its own; the second is its address to begin at.
func provided(t *testing.T) (*house, *issuer, string) {
	t.Helper()
	h := newHouse(t)
	i := newIssuer(t, h.clock)
	h.found(ada)
	reply, page := h.ask("/account/single-sign-on", "issuer", i.server.URL, "client_id", "hub", "secret", "shared-with-the-hub")
	if reply.StatusCode != 200 || !strings.Contains(page, "Single sign-on is set up") || strings.Contains(page, "shared-with-the-hub") {
		t.Fatal(reply.Status, page)
	}
	return h, i, strings.TrimPrefix(between(page, "After that they begin at <code>", "</code>"), h.server.URL)
}

func TestSingleSignOnOpensTheAccountThatWasConnectedWithIt(t *testing.T) {
	h, i, begin := provided(t)
	if reply, page := h.askAs(h.browser(), begin); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "Nobody here is connected") {
		t.Fatalf("before it is connected: %s %s", reply.Status, page)
	}
	if _, page := h.ask("/account/identity/connect"); !strings.Contains(page, "is connected with your organisation") {
		t.Fatal(page)
	}
	h.letter(account.IdentityConnected, ada)
	client := h.browser()
	if reply, _ := h.askAs(client, begin+"?next=/account"); reply.Request.URL.Path != "/account" || !h.inside(client) {
		t.Errorf("it leads to %s", reply.Request.URL)
	}
	i.subject = "somebody else there"
	if reply, _ := h.askAs(h.browser(), begin); reply.StatusCode != http.StatusForbidden {
		t.Errorf("another person there: %s", reply.Status)
	}
	i.subject = "ada-there"
	secret, _ := h.secure(ada)
	second := h.browser()
	if reply, _ := h.askAs(second, begin); reply.Request.URL.Path != "/sign-in/code" || h.inside(second) {
		t.Errorf("with a second factor it leads to %s", reply.Request.URL)
	}
	if h.askAs(second, "/sign-in/code", "code", h.freshCode(secret)); !h.inside(second) {
		t.Error("the code does not open")
	}
	h.ask("/account/identity/disconnect", "x", "")
	if reply, _ := h.askAs(h.browser(), begin); reply.StatusCode != http.StatusForbidden {
		t.Errorf("after it was disconnected: %s", reply.Status)
	}
}

func TestATokenThatIsNotForThisQuestionOpensNothing(t *testing.T) {
	h, i, begin := provided(t)
	h.ask("/account/identity/connect")
	for name, spoil := range map[string]func(map[string]any){
		"of another client":   func(c map[string]any) { c["aud"] = "somebody" },
		"of another issuer":   func(c map[string]any) { c["iss"] = "https://evil.example" },
		"of another question": func(c map[string]any) { c["nonce"] = "x" },
		"too old":             func(c map[string]any) { c["exp"] = h.clock().Add(-time.Minute).Unix() },
		"without a subject":   func(c map[string]any) { c["sub"] = "" },
	} {
		i.spoil = spoil
		client := h.browser()
		if reply, _ := h.askAs(client, begin); reply.StatusCode != http.StatusForbidden || h.inside(client) {
			t.Errorf("%s: %s", name, reply.Status)
		}
	}
	i.spoil = nil
	other, _ := rsa.GenerateKey(rand.Reader, 2048)
	i.key = other
	client := h.browser()
	if reply, _ := h.askAs(client, begin); reply.StatusCode != http.StatusForbidden || h.inside(client) {
		t.Errorf("signed by another key: %s", reply.Status)
	}
}

func TestAnAnswerOpensOnlyTheBrowserThatAskedAndOnce(t *testing.T) {
	h, _, begin := provided(t)
	h.ask("/account/identity/connect")
	stop := func(client *http.Client) *http.Client {
		client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
			if r.URL.Path == "/sign-in/return" {
				return http.ErrUseLastResponse
			}
			return nil
		}
		return client
	}
	attacker, victim := stop(h.browser()), h.browser()
	reply, _ := h.askAs(attacker, begin)
	planted := reply.Header.Get("Location")
	if reply, _ := h.askAs(victim, planted); reply.StatusCode != http.StatusForbidden || h.inside(victim) {
		t.Errorf("an answer from another browser: %s", reply.Status)
	}
	attacker.CheckRedirect = nil
	if h.askAs(attacker, planted); !h.inside(attacker) {
		t.Error("its own browser is not let in")
	}
	if reply, _ := h.askAs(attacker, planted); reply.StatusCode != http.StatusForbidden {
		t.Errorf("the second time: %s", reply.Status)
	}
}

func TestAProviderOpensNoAccountOfAnotherOrganisation(t *testing.T) {
	h, i, begin := provided(t)
	h.ask("/account/identity/connect")
	h.client = h.browser()
	h.found("bob@example.com")
	h.ask("/account/single-sign-on", "issuer", i.server.URL, "client_id", "hub", "secret", "shared-with-the-hub")
	_, page := h.ask("/account/single-sign-on")
	bobs := strings.TrimPrefix(between(page, "After that they begin at <code>", "</code>"), h.server.URL)
	if bobs == begin || !strings.HasPrefix(bobs, "/sign-in/with/org_") {
		t.Fatal(bobs)
	}
	if reply, _ := h.askAs(h.browser(), bobs); reply.StatusCode != http.StatusForbidden {
		t.Errorf("Ada's identity at Bob's organisation: %s", reply.Status)
	}
}

func TestOnlyTheHeadSetsSingleSignOnAndOnlyToWhatCanBeReached(t *testing.T) {
	h, i, _ := provided(t)
	h.ask("/dashboard/invitations", "email", "eve@example.com", "level", string(team.Administrator))
	eve := h.browser()
	h.askAs(eve, h.letter(account.Invited, "eve@example.com").Link, "name", "Eve Hart", "password", goodWord)
	for _, fields := range [][]string{nil, {"issuer", i.server.URL, "client_id", "hub", "secret", "x"}} {
		if reply, page := h.askAs(eve, "/account/single-sign-on", fields...); reply.StatusCode != http.StatusForbidden || strings.Contains(page, i.server.URL) {
			t.Errorf("a team's administrator gets %s", reply.Status)
		}
	}
	h.accounts.HTTP = webhooks.NewClient(webhooks.Policy{}) // as in production: nothing of our own network
	for _, address := range []string{i.server.URL, "http://169.254.169.254/", "https://127.0.0.1:1", "https://user:pass@idp.example", "file:///etc/passwd", "nonsense"} {
		if reply, page := h.ask("/account/single-sign-on", "issuer", address, "client_id", "hub", "secret", "x"); reply.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(page, "no OpenID provider") {
			t.Errorf("%s: %s", address, reply.Status)
		}
	}
	h.ask("/account/single-sign-on/remove", "x", "")
	if reply, _ := h.askAs(h.browser(), strings.Replace("/sign-in/with/x", "x", "org_none", 1)); reply.StatusCode != http.StatusNotFound {
		t.Errorf("an organisation without one: %s", reply.Status)
	}
}
