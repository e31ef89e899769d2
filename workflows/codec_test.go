package workflows

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"chancery/activities"
	"chancery/envelope"
	"chancery/problem"
)

// lock seals with AES-256-GCM under a key that everybody knows.
type lock struct{ aead cipher.AEAD }

func newLock(t *testing.T) lock {
	t.Helper()
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		t.Fatal(err)
	}
	return lock{aead}
}

func (l lock) Seal(plain, ad []byte) ([]byte, error)  { return l.aead.Seal(nil, nil, plain, ad), nil }
func (l lock) Open(sealed, ad []byte) ([]byte, error) { return l.aead.Open(nil, nil, sealed, ad) }

func stored(t *testing.T, m proto.Message) []byte {
	t.Helper()
	raw, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func wantHidden(t *testing.T, raw []byte, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%q lies open in %q", secret, raw)
		}
	}
}

func TestNothingOfAnActCanBeReadInTheEngine(t *testing.T) {
	data, _ := sealing(newLock(t))
	act := envelope.Act{
		ID: "act_1", Recipient: "rcp_1", Kind: envelope.Delegate, Reason: "at the hospital",
		Delegate: envelope.Person{Name: "Zoe Zimmer", Email: "zoe@example.org"},
		Origin:   envelope.Origin{Address: "192.0.2.7", Device: "Firefox"},
	}
	payloads, err := data.ToPayloads(act, activities.Standing{Status: envelope.Sent})
	if err != nil {
		t.Fatal(err)
	}
	wantHidden(t, stored(t, payloads), "act_1", "hospital", "Zoe", "zoe@", "192.0.2.7", "Firefox", "sent", "json")
	var got envelope.Act
	var standing activities.Standing
	if err := data.FromPayloads(payloads, &got, &standing); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(act, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingOfAFailureCanBeReadInTheEngineButItsCode(t *testing.T) {
	_, failures := sealing(newLock(t))
	refused := problem.Invalid("field_required", "Zoe must fill this field.").At("values.fld_zoe")
	for name, err := range map[string]error{
		"a refusal":           activities.Refusal(refused),
		"a refusal, wrapped":  fmt.Errorf("ask for zoe: %w", activities.Refusal(refused)),
		"an accident":         errors.New("dial zoe@db: refused for Zoe fld_zoe"),
		"an accident, caused": temporal.NewApplicationErrorWithCause("Zoe", "later", errors.New("fld_zoe of zoe")),
	} {
		t.Run(name, func(t *testing.T) {
			failure := failures.ErrorToFailure(err)
			wantHidden(t, stored(t, failure), "Zoe", "zoe", "must fill", "refused for", "fld_")
		})
	}
}

func TestAProblemCrossesTheEngineWhole(t *testing.T) {
	_, failures := sealing(newLock(t))
	for _, sent := range []*problem.Problem{
		problem.Invalid("field_required", "A required field is empty.").At("values.fld_1"),
		problem.Denied("act_not_yours", "That answer is not one that was asked of you."),
		problem.Missing("recipient_missing", "There is no such recipient."),
		problem.Conflict("not_your_turn", "It is not your turn yet."),
		problem.TooLarge("signature_too_large", "The signature is too complex."),
		problem.Limited("rate", "Too many requests."),
	} {
		t.Run(sent.Code, func(t *testing.T) {
			back := failures.FailureToError(failures.ErrorToFailure(activities.Refusal(sent)))
			var got *problem.Problem
			if !errors.As(activities.Problem(back), &got) {
				t.Fatalf("came back as %v", back)
			}
			if got.Kind != sent.Kind || got.Code != sent.Code || got.Public != sent.Public || got.Field != sent.Field {
				t.Errorf("sent %+v, got %+v", sent, got)
			}
		})
	}
}

func TestAPayloadThatWasChangedDoesNotOpen(t *testing.T) {
	data, _ := sealing(newLock(t))
	payload, err := data.ToPayload("Zoe")
	if err != nil {
		t.Fatal(err)
	}
	payload.Data[len(payload.Data)/2] ^= 1
	var got string
	if err := data.FromPayload(payload, &got); err == nil {
		t.Errorf("opened as %q", got)
	}
}

func TestAPayloadThatWasNeverSealedIsReadAsItIs(t *testing.T) {
	data, _ := sealing(newLock(t))
	open, err := converter.GetDefaultDataConverter().ToPayload("from the engine's own tools")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := data.FromPayload(open, &got); err != nil || got != "from the engine's own tools" {
		t.Errorf("read %q, %v", got, err)
	}
}
