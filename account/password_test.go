package account_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"chancery/account"
)

func TestAPasswordIsTakenOrRefusedWithAReason(t *testing.T) {
	for password, want := range map[string]error{
		"Lantern7 copper owl":            nil,
		"ΞεφάλαΩ39x":                     nil,
		"Ab1defg":                        account.ErrPasswordShort,
		"Ab1" + strings.Repeat("x", 198): account.ErrPasswordLong,
		"lantern7 copper":                account.ErrPasswordPlain,
		"LANTERN7 COPPER":                account.ErrPasswordPlain,
		"Lantern copper":                 account.ErrPasswordPlain,
		"Password1":                      account.ErrPasswordCommon,
		"P@ssw0rd2024!":                  account.ErrPasswordCommon,
		"QwErTyUiOp123":                  account.ErrPasswordCommon,
		"Abc123456":                      account.ErrPasswordCommon,
		"xxLovelace1815":                 account.ErrPasswordOwn,
		"AdaLovelace99":                  account.ErrPasswordOwn,
		"The countess11":                 account.ErrPasswordOwn,
	} {
		if err := account.CheckPassword(password, "Ada Lovelace", "countess@example.com"); !errors.Is(err, want) {
			t.Errorf("%s: %v", password, err)
		}
	}
}

// cheap makes tests quick; what they are about does not depend on it.
var cheap = account.Cost{Memory: 64, Passes: 1, Lanes: 1}

func TestAHashFitsItsPasswordHoweverItIsTyped(t *testing.T) {
	h := account.NewHasher(cheap)
	kept, err := h.Hash(t.Context(), "Gr\u00fcn7 Lantern")
	if err != nil || !strings.HasPrefix(kept, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Fatal(kept, err)
	}
	for password, want := range map[string]bool{"Gr\u00fcn7 Lantern": true, "Gru\u0308n7 Lantern": true, "Grün7 lantern": false, "": false} {
		if fits, stale, err := h.Verify(t.Context(), kept, password); fits != want || stale || err != nil {
			t.Errorf("%q: %t, %t, %v", password, fits, stale, err)
		}
	}
	if fits, _, err := h.Verify(t.Context(), "", ""); fits || err != nil {
		t.Errorf("the password of nobody: %t, %v", fits, err)
	}
	if _, stale, err := account.NewHasher(account.Cost{Memory: 128, Passes: 1, Lanes: 1}).Verify(t.Context(), kept, "x"); !stale || err != nil {
		t.Errorf("at another cost it is not stale: %v", err)
	}
	for _, broken := range []string{"plain", "$argon2i$v=19$m=64,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=64,t=0,p=1$YQ$YQ", "$argon2id$v=19$m=64,t=1,p=1$YQ$"} {
		if _, _, err := h.Verify(t.Context(), broken, "x"); err == nil {
			t.Errorf("%s is read as a hash", broken)
		}
	}
}

func TestAFloodOfGuessesIsSentAwayAndTheOthersAreServed(t *testing.T) {
	h := account.NewHasher(account.Cost{Memory: 16 << 10, Passes: 2, Lanes: 1})
	var side sync.WaitGroup
	answers := make(chan error, 200)
	for range cap(answers) {
		side.Go(func() {
			_, err := h.Hash(t.Context(), "x")
			answers <- err
		})
	}
	side.Wait()
	close(answers)
	served, busy := 0, 0
	for err := range answers {
		switch {
		case err == nil:
			served++
		case errors.Is(err, account.ErrBusy):
			busy++
		default:
			t.Fatal(err)
		}
	}
	if served < 30 || busy == 0 {
		t.Errorf("%d were served and %d sent away", served, busy)
	}
}
