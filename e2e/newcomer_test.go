package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"github.com/pquerna/otp/totp"
)

// Who plays the newcomer's story.
const (
	newcomer = "nia@newcomer.example"
	operator = "olaf@operator.example"
	word     = "Lantern7 copper owl"
	company  = "Newcomer Ltd"
)

// A developer comes by, and goes all the way in a browser: from signing up to an
// envelope that binds. Nobody helps them but whoever runs the hub.
func TestANewcomerGoesFromSigningUpToAnEnvelopeThatBinds(t *testing.T) {
	b := openBenchWith(t, "sandbox", "newcomer", []string{"CHANCERY_OPERATORS=" + operator})
	nia := browser(t, b.url)
	letters := openOutbox(ground.Outbox)

	nia.signUp(letters, "Nia Newcomer", company, newcomer)
	nia.secure()
	nia.apply()
	olaf := browser(t, b.url)
	olaf.signUp(letters, "Olaf Operator", "The hub itself", operator)
	olaf.secure()
	olaf.approve()
	if _, err := letters.to(newcomer, "You may use the API"); err != nil {
		t.Error(err)
	}

	nia.preset(ann.email, bob.email)
	trial := nia.makeKey("First steps", "ck_test_eu_")
	api := newCaller(b.url, trial.key)
	trial.works(t, b.url)
	first := &story{name: "newcomer trial", document: uploadAgreement(t, api), api: api, letters: letters}
	must(t, first.send())
	elsewhere := &story{name: "newcomer elsewhere", document: first.document, api: api, letters: letters,
		signers: [2]player{ann, {"Eve Else", "eve@elsewhere.example"}}}
	if got, err := api.call(http.MethodPost, "/v1/envelopes", "", elsewhere.content()); err != nil || got.status != http.StatusForbidden || got.code() != "sandbox_recipient_not_preset" {
		t.Errorf("an envelope to an address that is not preset is answered %d %s, %v", got.status, got.body, err)
	}
	signer := browser(t, b.url)
	signer.signingPage(linkOf(t, first, 0), "newcomer-sandbox", true)
	for i := range first.who {
		must(t, first.sign(i))
	}
	must(t, first.completed())

	subscribeOrganisation(t, company)
	nia.addTeam("Field sales")
	real := nia.makeKey("Order system", "ck_live_eu_")
	if _, err := newCaller(b.url, trial.key).get("/v1/team"); err != nil {
		t.Errorf("the sandbox's key: %v", err)
	}
	api = newCaller(b.url, real.key)
	second := &story{name: "newcomer real", document: uploadAgreement(t, api), api: api, letters: letters, signers: elsewhere.signers}
	must(t, second.send())
	signer.signingPage(linkOf(t, second, 0), "newcomer-production", false)
	for i := range second.who {
		must(t, second.sign(i))
	}
	must(t, second.completed())
	nia.looksAround()
}

// signUp makes an account, an organisation and its sandbox, and proves the address.
func (b *tab) signUp(letters outbox, name, organisation, email string) {
	b.t.Helper()
	b.open("/sign-up")
	b.fill("name", name, "organisation", organisation, "email", email, "password", word)
	b.press("Sign up", "We have written to you")
	letter, err := letters.to(email, "")
	must(b.t, err)
	link := provingPath.FindString(letter)
	if link == "" {
		b.t.Fatalf("the letter has no link: %s", letter)
	}
	b.open(link)
	b.press("Yes, make the account", "Welcome")
}

// secure switches two-factor authentication on.
func (b *tab) secure() {
	b.t.Helper()
	b.open("/account/two-factor")
	code, err := totp.GenerateCode(strings.ReplaceAll(b.text("code.secret"), " ", ""), time.Now())
	must(b.t, err)
	b.fill("code", code)
	b.press("Switch it on", "Your recovery codes")
}

func (b *tab) apply() {
	b.t.Helper()
	b.open("/dashboard/api")
	b.reads("Apply for access")
	b.shoot("newcomer-api-before")
	b.open("/dashboard/api/config")
	b.reads("Please apply for access to the API first.")
	b.open("/dashboard/api/access")
	b.fill("company", company, "address", "1 Mill Lane, London", "role", "Developer", "use_cases", "Rental agreements from our own CRM", "experience", "None so far")
	b.shoot("newcomer-application")
	b.press("Apply for access", "waits for its answer")
}

func (b *tab) approve() {
	b.t.Helper()
	b.open("/operator")
	b.press(company, "Rental agreements from our own CRM")
	b.shoot("newcomer-decision")
	b.press("Approve", "The application is decided")
}

// preset says whom the sandbox may write to.
func (b *tab) preset(emails ...string) {
	b.t.Helper()
	b.open("/dashboard/teams")
	b.press("API Development", "Preset addresses")
	ask[bool](b, fmt.Sprintf(`[...document.querySelectorAll("[name=preset]")].forEach((place, i) => place.value = %s[i] ?? ""), true`, asList(emails)))
	b.press("Save the addresses", "The preset addresses are changed.")
	b.shoot("newcomer-sandbox-team")
}

func asList(words []string) string {
	text, _ := json.Marshal(words) // strings can always be written
	return string(text)
}

// credentials are what a program needs.
type credentials struct{ user, key string }

// works tells whether a user name and a key are let in as the page says.
func (c credentials) works(t *testing.T, hub string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, hub+"/v1/team", nil)
	must(t, err)
	request.Header.Set("Authorization", "ApiKey "+c.user+":"+c.key)
	reply, err := http.DefaultClient.Do(request)
	must(t, err)
	reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		t.Errorf("user name and key are answered with %s", reply.Status)
	}
}

// makeKey generates a key on the Config page, where it is shown once.
func (b *tab) makeKey(name, prefix string) credentials {
	b.t.Helper()
	b.open("/dashboard/api/config")
	b.fill("name", name)
	b.press("Generate the key", "It is shown this once")
	made := credentials{b.text("#user"), b.text("#key")}
	b.shoot("newcomer-key-" + strings.Trim(prefix, "_"))
	if made.user != newcomer || !strings.HasPrefix(made.key, prefix) {
		b.t.Fatalf("the page shows user %q and a key like %.12s…", made.user, made.key)
	}
	b.open("/dashboard/api/keys")
	b.reads(name)
	if strings.Contains(ask[string](b, `document.documentElement.outerHTML`), made.key) {
		b.t.Error("the key is shown a second time")
	}
	return made
}

// signingPage looks at the page on which somebody signs.
func (b *tab) signingPage(link, picture string, test bool) {
	b.t.Helper()
	b.open(link)
	b.until(`document.querySelector(".paper img")?.naturalWidth > 0`)
	ask[bool](b, `document.querySelector(".paper img").decode().then(() => window.drawn = true), true`)
	b.until(`window.drawn`)
	b.shoot(picture)
	if banner := ask[bool](b, `[...document.querySelectorAll("aside.test")].some(e => e.checkVisibility() && e.innerText.includes("API Test"))`); banner != test {
		b.t.Errorf("the banner of tests is seen: %v, want %v", banner, test)
	}
}

// subscribeOrganisation turns a subscription on, as whoever runs the hub does.
func subscribeOrganisation(t *testing.T, name string) {
	t.Helper()
	lines := strings.Split(home.command(t, "subscription", "list"), "\n")
	at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, name) })
	if at < 0 {
		t.Fatalf("subscription list does not know %s: %v", name, lines)
	}
	organisation, _, _ := strings.Cut(lines[at], " ")
	home.command(t, "subscription", "start", organisation, "--plan", "Business", "--documents", "100")
	if list := home.command(t, "subscription", "list"); !strings.Contains(list, "Business, 0 of 100 documents this month") {
		t.Errorf("subscription list says %s", list)
	}
}

// addTeam adds a production team and goes on to look at it.
func (b *tab) addTeam(name string) {
	b.t.Helper()
	b.open("/dashboard/teams")
	b.fill("name", name)
	ask[bool](b, `document.querySelector("[name=kind]").value = "production", true`)
	b.press("Add the team", "you are its administrator")
	b.shoot("newcomer-production-team")
	ask[bool](b, fmt.Sprintf(`[...document.querySelectorAll("#team option")].find(o => o.textContent === %q).selected = true`, name))
	ask[bool](b, `document.querySelector("#team").form.requestSubmit(), true`)
	b.until(fmt.Sprintf(`location.pathname === "/dashboard" && document.querySelector("#team option[selected]")?.textContent === %q`, name))
	if ask[bool](b, `!!document.querySelector("aside.test")`) {
		b.t.Error("the dashboard of a production team has the banner of tests")
	}
}

// looksAround sees on the pages what has happened.
func (b *tab) looksAround() {
	b.t.Helper()
	b.open("/dashboard")
	b.reads("Agreement")
	b.open("/dashboard/usage")
	b.reads("1 of 100 documents of this month are used.")
	b.shoot("newcomer-usage")
	b.open("/dashboard/activity")
	b.reads("completed")
	b.shoot("newcomer-activity")
	err := await(browserPatience, func() error { // the log is written after the answer
		b.open("/dashboard/api/log")
		if !ask[bool](b, `document.body.innerText.includes("/v1/envelopes")`) {
			return fmt.Errorf("the log does not have the call yet")
		}
		return nil
	})
	must(b.t, err)
	b.shoot("newcomer-log")
	b.open("/dashboard/api")
	b.reads("You may use the API.")
	b.shoot("newcomer-api-after")
}

// to waits for the newest letter to an address whose subject has these words, and
// returns its text.
func (o outbox) to(email, subject string) (text string, err error) {
	err = await(browserPatience, func() error {
		raw, err := o.newest(email, subject)
		if err != nil {
			return err
		}
		parsed, err := enmime.ReadEnvelope(bytes.NewReader(raw))
		if err == nil {
			text = parsed.Text
		}
		return err
	})
	return text, err
}

func (o outbox) newest(email, subject string) ([]byte, error) {
	letters, err := o.listed() // the newest first
	if err != nil {
		return nil, err
	}
	for _, l := range letters {
		if slices.Contains(l.To, email) && strings.Contains(l.Subject, subject) {
			return o.page.get("/letters/" + l.ID + ".eml")
		}
	}
	return nil, fmt.Errorf("there is no letter to %s about %q", email, subject)
}
