package team_test

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"testing/iotest"

	"chancery/problem"
	"chancery/team"
)

func TestASandboxWritesOnlyToItsPresetAddresses(t *testing.T) {
	sandbox := team.Team{Kind: team.Sandbox, Preset: []string{"ada@example.com"}}
	for email, refused := range map[string]bool{
		"ada@example.com":           false,
		"ADA@Example.com":           false,
		"bob@example.com":           true,
		"ada@example.com.evil.test": true,
		"":                          true,
	} {
		if err := sandbox.MaySendTo(email); problem.Has(err, "sandbox_recipient_not_preset") != refused {
			t.Errorf("%q: %v", email, err)
		}
	}
}

func TestProductionWritesToAnybody(t *testing.T) {
	if err := (team.Team{Kind: team.Production}).MaySendTo("bob@example.com"); err != nil {
		t.Fatal(err)
	}
}

func TestPresetAddresses(t *testing.T) {
	six := []string{"a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example", "f@x.example"}
	for name, tt := range map[string]struct {
		emails []string
		code   string
	}{
		"none are fine":               {nil, ""},
		"five are fine":               {six[:5], ""},
		"six are too many":            {six, "preset_too_long"},
		"a name is not an address":    {[]string{"Ada <ada@x.example>"}, "email_invalid"},
		"a line break is refused":     {[]string{"ada@x.example\r\nBcc: b@x.example"}, "email_invalid"},
		"the same twice is refused":   {[]string{"a@x.example", "A@x.example"}, "preset_twice"},
		"an overlong one is refused":  {[]string{strings.Repeat("a", 250) + "@x.example"}, "email_invalid"},
		"an empty one is no address":  {[]string{""}, "email_invalid"},
		"one without a host is wrong": {[]string{"ada"}, "email_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			err := team.CheckPreset(tt.emails)
			if (tt.code == "") != (err == nil) || tt.code != "" && !problem.Has(err, tt.code) {
				t.Fatalf("got %v, want %q", err, tt.code)
			}
		})
	}
}

func TestAKeyIsFoundByItsHashAndSaysItsKindAndRegion(t *testing.T) {
	for kind, prefix := range map[team.Kind]string{team.Sandbox: "ck_test_us_", team.Production: "ck_live_us_"} {
		shown, hash, err := team.NewKey(kind, "us", rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(shown, prefix) || len(shown) != len(prefix)+43 {
			t.Errorf("%s key is shown as %q", kind, shown)
		}
		if !bytes.Equal(hash, team.HashKey(shown)) || bytes.Equal(hash, team.HashKey(shown+"x")) {
			t.Errorf("the hash of a %s key does not find it", kind)
		}
	}
}

func TestTheRegionOfAKey(t *testing.T) {
	const secret = "_a_b-c________________________________eu_x_"
	for shown, want := range map[string]string{
		"ck_test_eu_" + secret: "eu", "ck_live_us-west_" + secret: "us-west",
		"ck_test_" + secret: "", "ck_live_x" + secret: "", "ck_test_eu_short": "", "ck_": "", "": "", "xk_test_eu_" + secret: "",
	} {
		if got := team.RegionOf(shown); got != want {
			t.Errorf("%s is of %q, want %q", shown, got, want)
		}
	}
}

func TestNoKeyIsMadeWithoutRandomness(t *testing.T) {
	if shown, _, err := team.NewKey(team.Sandbox, "eu", iotest.ErrReader(iotest.ErrTimeout)); err == nil {
		t.Fatalf("got the key %q", shown)
	}
}
