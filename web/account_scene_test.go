package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"chancery/account"
	"chancery/integration"
	"chancery/links"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/rate"
	"chancery/team"
	"chancery/web"
	"chancery/webhooks"
)

// house is the pages over a real database, with a letter box in place of the engine.
type house struct {
	t        testing.TB
	store    *postgres.Store
	database postgrestest.Database
	accounts *account.Accounts
	server   *httptest.Server
	client   *http.Client

	integration *integration.Desk
	links       *links.Keys
	deaf        error // why nothing that systems tell is kept

	mu      sync.Mutex
	now     time.Time
	letters []account.Notice
	wishes  []string // what the desk was asked for
}

func newHouse(t testing.TB, change ...func(*web.Config)) *house {
	t.Helper()
	h := &house{t: t, database: postgrestest.New(t), now: time.Now().Truncate(time.Second)}
	h.open()
	keys, err := links.NewKeys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewUnstartedServer(nil)
	h.accounts = &account.Accounts{
		Records: h.store, Hasher: account.NewHasher(account.Cost{Memory: 64, Passes: 1, Lanes: 1}), Post: h.post,
		House: "Chancery", Public: "http://" + h.server.Listener.Addr().String(), Region: "eu", Clock: h.clock,
	}
	h.accounts.Challenges, h.accounts.SignOns, h.accounts.HTTP = h.store, h.store, webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true})
	h.links = keys
	h.integration = h.integrated()
	config := web.Config{
		Integration: h.integration, MaxUpload: 1 << 20,
		Records: h.store, Accounts: h.accounts, Links: keys, Clock: h.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Region: "eu",
		Envelopes: h.list, Administration: h.store, Decide: h.decide, Desk: h, PublicURL: h.accounts.Public, Hooks: webhooks.Policy{AllowLoopback: true, AllowHTTP: true},
		Limit: func(team.Team) team.RateLimit { return team.SandboxRate() }, Calls: rate.NewMemoryWindow(h.clock),
	}
	for _, c := range change {
		c(&config)
	}
	pages, err := web.New(config)
	if err != nil {
		t.Fatal(err)
	}
	h.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pages.ServeHTTP(w, r.WithContext(postgres.Guard(r.Context())))
	})
	h.server.Start()
	t.Cleanup(h.server.Close)
	h.client = h.browser()
	return h
}

// browser is another one, which keeps its own cookies.
func (h *house) browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, Timeout: time.Minute}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) post(ctx context.Context, ids ...string) {
	for _, id := range ids {
		n, _, err := h.store.Notice(ctx, id)
		if err != nil {
			h.t.Error(err)
		}
		h.mu.Lock()
		h.letters = append(h.letters, n)
		h.mu.Unlock()
	}
}

// got are the kinds of letters to an address, oldest first.
func (h *house) got(email string) (kinds []account.NoticeKind) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, n := range h.letters {
		if n.To.Email == email {
			kinds = append(kinds, n.Kind)
		}
	}
	return kinds
}

// letter is the newest one of its kind to an address.
func (h *house) letter(kind account.NoticeKind, email string) account.Notice {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.letters) - 1; i >= 0; i-- {
		if n := h.letters[i]; n.Kind == kind && n.To.Email == email {
			return n
		}
	}
	h.t.Fatalf("there is no letter %s to %s", kind, email)
	return account.Notice{}
}

// ask sends a form as the house's client, or gets a page when there is none, and
// returns where it ended with the page.
func (h *house) ask(path string, fields ...string) (*http.Response, string) {
	h.t.Helper()
	return h.askAs(h.client, path, fields...)
}

func (h *house) askAs(client *http.Client, path string, fields ...string) (*http.Response, string) {
	h.t.Helper()
	address := path
	if strings.HasPrefix(path, "/") {
		address = h.server.URL + path
	}
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	method, body := http.MethodGet, io.Reader(nil)
	if len(fields) > 0 {
		method, body = http.MethodPost, strings.NewReader(values.Encode())
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, address, body)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", "Lynx")
	reply, err := client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply, string(text)
}

const (
	ada      = "ada@example.com"
	goodWord = "Lantern7 copper owl"
)

// found signs Ada up, whose organisation it then is, and leaves her signed in.
func (h *house) found(email string) {
	h.t.Helper()
	if reply, page := h.ask("/sign-up", "name", "Ada Byron", "organisation", "Engines Ltd", "email", email, "password", goodWord); reply.StatusCode != 200 {
		h.t.Fatal(reply.Status, page)
	}
	if reply, page := h.ask(h.letter(account.ProveAddress, email).Link, "x", ""); reply.StatusCode != 200 || !strings.Contains(page, "Welcome, Ada Byron") {
		h.t.Fatal(reply.Status, page)
	}
}

// secure switches two-factor authentication on, and returns the device's secret and
// the recovery codes.
func (h *house) secure(email string) (secret string, recovery []string) {
	h.t.Helper()
	_, page := h.ask("/account/two-factor")
	secret = strings.ReplaceAll(between(page, `<code class="secret">`, `</code>`), " ", "")
	reply, page := h.ask("/account/two-factor", "code", h.code(secret))
	for _, part := range strings.Split(page, "<li><code>")[1:] {
		recovery = append(recovery, part[:strings.Index(part, "<")])
	}
	if reply.StatusCode != 200 || len(recovery) != account.RecoveryCodes {
		h.t.Fatal(reply.Status, page)
	}
	return secret, recovery
}

// code is what the device shows now.
func (h *house) code(secret string) string {
	h.t.Helper()
	shown, err := totp.GenerateCode(secret, h.clock())
	if err != nil {
		h.t.Fatal(err)
	}
	return shown
}

// freshCode waits until the device shows another one.
func (h *house) freshCode(secret string) string {
	h.wait(30 * time.Second)
	return h.code(secret)
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

// inside tells whether a browser is signed in.
func (h *house) inside(client *http.Client) bool {
	h.t.Helper()
	reply, _ := h.askAs(client, "/account")
	return reply.Request.URL.Path == "/account"
}
