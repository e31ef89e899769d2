package webhooks_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	judge "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"chancery/problem"
	"chancery/webhooks"
)

func mustSecret(t testing.TB, text string) webhooks.Secret {
	t.Helper()
	secret, err := webhooks.ParseSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func newSecret(t testing.TB) webhooks.Secret {
	t.Helper()
	secret, err := webhooks.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestTheVectorOfTheSpecificationHolds(t *testing.T) {
	secret := mustSecret(t, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	got := webhooks.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0),
		[]byte(`{"test": 2432232314}`), secret)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestTheOfficialLibraryAcceptsEachLiveKeyAndNoOther(t *testing.T) {
	old, young, stranger := newSecret(t), newSecret(t), newSecret(t)
	body, now := []byte(`{"type":"envelope.sent"}`), time.Now()
	headers := http.Header{}
	headers.Set(webhooks.HeaderID, "evt_1")
	headers.Set(webhooks.HeaderTimestamp, fmt.Sprint(now.Unix()))
	headers.Set(webhooks.HeaderSignature, webhooks.Sign("evt_1", now, body, young, old))
	for name, tt := range map[string]struct {
		secret webhooks.Secret
		body   []byte
		ok     bool
	}{
		"the new key":                    {young, body, true},
		"the old key":                    {old, body, true},
		"a key of somebody else":         {stranger, body, false},
		"the new key over another event": {young, []byte(`{}`), false},
	} {
		receiver, err := judge.NewWebhook(tt.secret.Reveal())
		if err != nil {
			t.Fatal(err)
		}
		if err := receiver.Verify(tt.body, headers); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestASecretIsBetween24And64Bytes(t *testing.T) {
	for text, ok := range map[string]bool{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw":        true,  // 24
		"whsec_" + strings.Repeat("AAAA", 21) + "AA==":  true,  // 64
		"whsec_" + strings.Repeat("AAAA", 21) + "AAA=":  false, // 65
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=":        false, // 23
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw":              false,
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n":      false,
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZI\no2LaLaSw":      false,
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAB==":    false, // loose bits
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw not it": false,
		"": false,
	} {
		_, err := webhooks.ParseSecret(text)
		if ok && err != nil || !ok && !problem.Has(err, "webhook_secret_invalid") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestASecretDoesNotShowItselfByAccident(t *testing.T) {
	secret := newSecret(t)
	//lint:ignore SA9005 that nothing of it is marshalled is what the test is about
	shown, _ := json.Marshal(secret)
	for _, text := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%+v %#v %s %x", secret, secret, secret, secret), string(shown),
		fmt.Sprintf("%+v", webhooks.Delivery{Secrets: []webhooks.Secret{secret}}),
		slog.AnyValue(secret).Resolve().String(),
	} {
		if strings.Contains(text, strings.TrimPrefix(secret.Reveal(), "whsec_")) {
			t.Errorf("shown in %s", text)
		}
	}
	if again := mustSecret(t, secret.Reveal()); again != secret {
		t.Error("a revealed secret must read back as itself")
	}
}

func FuzzSecret(f *testing.F) {
	f.Add("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	f.Add("whsec_AAAA\r\nAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		if secret, err := webhooks.ParseSecret(text); err == nil && secret.Reveal() != text {
			t.Fatalf("%q has a second spelling, %q", text, secret.Reveal())
		}
	})
}

func TestAPayloadIsTheSameBytesEveryTime(t *testing.T) {
	at := time.Date(2026, 8, 3, 17, 0, 0, 5e8, time.FixedZone("", 7200))
	data := map[string]any{"zeta": 1, "alpha": "<a & b>", "mid": []string{"ü"}, "raw": json.RawMessage("{ \"n\": 1e2 }")}
	want := `{"type":"envelope.completed","timestamp":"2026-08-03T15:00:00.5Z",` +
		`"data":{"alpha":"<a & b>","mid":["ü"],"raw":{"n":1e2},"zeta":1}}`
	for range 20 {
		got, err := webhooks.Payload("envelope.completed", at, data)
		if err != nil || string(got) != want {
			t.Fatalf("got %s, %v", got, err)
		}
	}
}

func TestAPayloadNeedsADottedTypeAndDataThatIsJSON(t *testing.T) {
	for _, kind := range []string{"", "envelope completed", ".sent", "a..b", "a\n"} {
		if _, err := webhooks.Payload(kind, time.Now(), nil); err == nil {
			t.Errorf("accepted type %q", kind)
		}
	}
	if _, err := webhooks.Payload("envelope.sent", time.Now(), make(chan int)); err == nil {
		t.Error("accepted data that is no JSON")
	}
}
