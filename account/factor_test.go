package account_test

import (
	"bytes"
	"errors"
	"image/png"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"chancery/account"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// code is what a device shows.
func code(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	shown, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

func secured(t testing.TB) (account.Secrets, []string) {
	t.Helper()
	s := account.Secrets{Waiting: account.NewTOTP()}
	recovery, err := s.Confirm(code(t, s.Waiting, noon), noon)
	if err != nil {
		t.Fatal(err)
	}
	return s, recovery
}

func TestACodeIsGoodOnceAndForAboutAMinute(t *testing.T) {
	for name, tt := range map[string]struct {
		shown, brought time.Duration
		want           error
	}{
		"the next code":                         {30 * time.Second, 30 * time.Second, nil},
		"with a slow clock":                     {30 * time.Second, 60 * time.Second, nil},
		"with a fast clock":                     {60 * time.Second, 30 * time.Second, nil},
		"the one that set it up, again":         {0, 10 * time.Second, account.ErrWrongCode},
		"too late":                              {60 * time.Second, 2 * time.Minute, account.ErrWrongCode},
		"too early":                             {3 * time.Minute, time.Minute, account.ErrWrongCode},
		"an older one than that which was used": {-30 * time.Second, 0, account.ErrWrongCode},
	} {
		s, _ := secured(t)
		shown := code(t, s.TOTP, noon.Add(tt.shown))
		if _, err := s.Take(shown[:3]+" "+shown[3:], noon.Add(tt.brought)); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Take(shown, noon.Add(tt.brought)); err == nil {
			t.Errorf("%s: it is good twice", name)
		}
	}
}

func TestARecoveryCodeIsGoodOnceAndInAnyLetters(t *testing.T) {
	s, recovery := secured(t)
	if len(recovery) != account.RecoveryCodes || len(s.Recovery) != account.RecoveryCodes {
		t.Fatalf("there are %d", len(recovery))
	}
	for _, kept := range s.Recovery {
		if bytes.Contains(kept, []byte(strings.ReplaceAll(recovery[0], "-", ""))) {
			t.Error("a code is kept as it is shown")
		}
	}
	if used, err := s.Take(" "+strings.ToUpper(recovery[3]), noon); !used || err != nil {
		t.Errorf("taken as %t, %v", used, err)
	}
	if _, err := s.Take(recovery[3], noon); !errors.Is(err, account.ErrWrongCode) {
		t.Errorf("the second time: %v", err)
	}
	s.Recover()
	if _, err := s.Take(recovery[4], noon); !errors.Is(err, account.ErrWrongCode) {
		t.Errorf("after new ones were drawn: %v", err)
	}
}

func TestWithoutASecondFactorNoCodeIsRight(t *testing.T) {
	s, recovery := secured(t)
	secret := s.TOTP
	s.Drop()
	for _, brought := range []string{"", code(t, secret, noon), recovery[0]} {
		if _, err := s.Take(brought, noon.Add(time.Minute)); !errors.Is(err, account.ErrWrongCode) {
			t.Errorf("%q: %v", brought, err)
		}
	}
	if _, err := s.Confirm("", noon); !errors.Is(err, account.ErrWrongCode) {
		t.Errorf("confirmed without a secret: %v", err)
	}
}

func TestThePictureIsAPNG(t *testing.T) {
	drawn, err := account.Picture(account.NewTOTP(), "Chancery & Söhne", "ann@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(drawn)); err != nil {
		t.Fatal(err)
	}
}
