package links_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery/links"
	"chancery/problem"
)

var (
	oldKey = bytes.Repeat([]byte("o"), 32)
	newKey = bytes.Repeat([]byte("n"), 32)
	noon   = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	toSign = links.Link{Purpose: links.Sign, Subject: "rcp_01jq8x7m3k9v2b4c6d8f0g1h2j.1", Expires: noon.Add(time.Hour)}
)

func keys(t testing.TB, newest []byte, older ...[]byte) *links.Keys {
	t.Helper()
	k, err := links.NewKeys(newest, older...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func refused(t testing.TB, err error) {
	t.Helper()
	var p *problem.Problem
	if !errors.As(err, &p) {
		t.Fatalf("want a problem, got %v", err)
	}
	if p.Kind != problem.KindDenied || p.Code != "link_invalid" || p.Public != "This link is not valid or has expired." {
		t.Fatalf("got %s %s %q", p.Kind, p.Code, p.Public)
	}
}

func TestALinkOpensItsDoor(t *testing.T) {
	k := keys(t, newKey)
	got, err := k.Open(links.Sign, k.Mint(toSign), noon)
	if err != nil || got != toSign {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestATokenSaysItsRegionToWhomCannotOpenIt(t *testing.T) {
	here := keys(t, newKey).In("eu")
	token := here.Mint(toSign)
	if got, err := here.Open(links.Sign, token, noon); err != nil || got != toSign || links.RegionOf(token) != "eu" {
		t.Fatalf("got %+v, %v, of region %q", got, err, links.RegionOf(token))
	}
	if _, err := here.Open(links.Sign, keys(t, newKey).Mint(toSign), noon); err != nil {
		t.Errorf("an older one: %v", err)
	}
	_, err := keys(t, oldKey).In("us").Open(links.Sign, token, noon)
	refused(t, err)
	for _, none := range []string{"", keys(t, newKey).Mint(toSign), "us.css", "us." + token[3:] + "/", "us.." + token} {
		if region := links.RegionOf(none); region != "" {
			t.Errorf("%q is of region %q", none, region)
		}
	}
}

func TestATokenIsShortUsableInAURLAndAlwaysTheSame(t *testing.T) {
	k := keys(t, newKey)
	token := k.Mint(toSign)
	if len(token) > 100 || !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(token) {
		t.Fatalf("%d characters: %s", len(token), token)
	}
	if again := k.Mint(toSign); again != token {
		t.Fatalf("minted %s, then %s", token, again)
	}
	// Sent links must open in later releases: this token is part of the contract.
	const sent = "6j2p0XfwpqVY6yZrLj83O2TkcwAAAABppDhQcmNwXzAxanE4eDdtM2s5djJiNGM2ZDhmMGcxaDJqLjE"
	if token != sent {
		t.Fatalf("the token for the same link was %s and is now %s", sent, token)
	}
}

func TestEveryBadLinkGetsTheSameAnswer(t *testing.T) {
	k := keys(t, newKey)
	good := k.Mint(toSign)
	for name, token := range map[string]string{
		"empty":                 "",
		"the MAC alone":         good[:24],
		"without its last byte": good[:len(good)-1],
		"one byte longer":       good + "A",
		"a line break in it":    good[:40] + "\n" + good[40:],
		"padded":                good + "=",
		"other letters":         strings.ToUpper(good),
		"far too long":          good + strings.Repeat("A", 100_000),
		"another hub's":         keys(t, oldKey).Mint(toSign),
		"for another door":      k.Mint(links.Link{Purpose: links.Download, Subject: toSign.Subject, Expires: toSign.Expires}),
		"expired this second":   k.Mint(links.Link{Purpose: links.Sign, Subject: toSign.Subject, Expires: noon}),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.Open(links.Sign, token, noon)
			refused(t, err)
		})
	}
}

func TestALinkOfOnePurposeOpensNoOther(t *testing.T) {
	k := keys(t, newKey)
	all := []links.Purpose{links.Sign, links.Download, links.Embed, links.View}
	for _, minted := range all {
		token := k.Mint(links.Link{Purpose: minted, Subject: "x", Expires: toSign.Expires})
		for _, asked := range append(all, "", "ss") {
			_, err := k.Open(asked, token, noon)
			if asked == minted && err != nil {
				t.Errorf("%s does not open its own door: %v", minted, err)
			}
			if asked != minted {
				refused(t, err)
			}
		}
	}
}

func TestALinkEndsExactlyWhenItSays(t *testing.T) {
	k := keys(t, newKey)
	token := k.Mint(toSign)
	if _, err := k.Open(links.Sign, token, toSign.Expires.Add(-time.Nanosecond)); err != nil {
		t.Fatalf("a moment before: %v", err)
	}
	_, err := k.Open(links.Sign, token, toSign.Expires)
	refused(t, err)
}

func TestAnOlderKeyStillOpensAndTheNewestMints(t *testing.T) {
	before, after := keys(t, oldKey), keys(t, newKey, oldKey)
	if _, err := after.Open(links.Sign, before.Mint(toSign), noon); err != nil {
		t.Fatalf("a link from before the rotation: %v", err)
	}
	_, err := before.Open(links.Sign, after.Mint(toSign), noon)
	refused(t, err)
}

func TestAShortKeyIsRefused(t *testing.T) {
	for _, short := range [][]byte{nil, newKey[:31]} {
		if _, err := links.NewKeys(short); err == nil {
			t.Errorf("%d bytes were taken as newest key", len(short))
		}
		if _, err := links.NewKeys(newKey, short); err == nil {
			t.Errorf("%d bytes were taken as older key", len(short))
		}
	}
}

func TestTheLongestSubjectOpensAndALongerOneIsAMistake(t *testing.T) {
	k := keys(t, newKey)
	longest := links.Link{Purpose: links.View, Subject: strings.Repeat("x", 200), Expires: toSign.Expires}
	if got, err := k.Open(links.View, k.Mint(longest), noon); err != nil || got != longest {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, mistake := range []links.Link{{Purpose: links.View, Subject: longest.Subject + "x"}, {Purpose: "sign"}, {}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v was minted", mistake)
				}
			}()
			k.Mint(mistake)
		}()
	}
}

func TestAChangedCharacterAnywhereIsRefused(t *testing.T) {
	k := keys(t, newKey)
	token := k.Mint(toSign)
	for i := range token {
		for _, c := range []byte("Aa0_-.%\n\x00") {
			if token[i] == c {
				continue
			}
			_, err := k.Open(links.Sign, token[:i]+string(c)+token[i+1:], noon)
			refused(t, err)
		}
	}
}

func TestAnyLinkComesBackAndNoTwoShareAToken(t *testing.T) {
	k := keys(t, newKey)
	someLink := rapid.Custom(func(t *rapid.T) links.Link {
		return links.Link{
			Purpose: rapid.SampledFrom([]links.Purpose{links.Sign, links.Download, links.Embed, links.View}).Draw(t, "purpose"),
			Subject: rapid.StringN(0, 20, 200).Draw(t, "subject"),
			Expires: time.Unix(rapid.Int64Range(1, 1<<40).Draw(t, "expires"), 0).UTC(),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		one, two := someLink.Draw(t, "one"), someLink.Draw(t, "two")
		got, err := k.Open(one.Purpose, k.Mint(one), one.Expires.Add(-time.Second))
		if err != nil || got != one {
			t.Fatalf("minted %+v, opened %+v, %v", one, got, err)
		}
		if (one == two) != (k.Mint(one) == k.Mint(two)) {
			t.Fatalf("%+v and %+v share a token, or one has two", one, two)
		}
	})
}

func FuzzOpenTakesOnlyMintedTokens(f *testing.F) {
	k := keys(f, newKey, oldKey)
	good := k.Mint(toSign)
	for _, seed := range []string{good, good[:24], good + "A", "", strings.Repeat("-", 79)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := k.Open(links.Sign, token, noon); token != good {
			refused(t, err)
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	k := keys(b, newKey)
	token := k.Mint(toSign)
	for b.Loop() {
		if _, err := k.Open(links.Sign, token, noon); err != nil {
			b.Fatal(err)
		}
	}
}
