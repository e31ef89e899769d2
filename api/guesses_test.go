package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chancery/account"
	"chancery/api"
	"chancery/id"
	"chancery/team"
)

// person is an approved and secured user of the caller's team, with a key.
type person struct {
	account.User
	key, keyID string
}

// person joins the team that the key speaks for.
func (s *scene) person(of string, level team.Level, scopes ...team.Scope) person {
	s.t.Helper()
	ctx := context.Background()
	bearer, err := s.store.TeamByKey(ctx, team.HashKey(of))
	must(s.t, err)
	now := time.Now()
	who := account.User{ID: id.New(id.User), Organisation: bearer.Team.Organisation, Name: "Pat Person", CreatedAt: now,
		ProvedAt: now, ApprovedAt: now, SecuredAt: now}
	who.Email = strings.ReplaceAll(who.ID, "_", ".") + "@example.com"
	must(s.t, s.store.CreateUser(ctx, who, account.Secrets{}))
	must(s.t, s.store.SetMember(ctx, team.Member{Team: bearer.Team.ID, User: who.ID, Level: level}))
	shown, hash, err := team.NewKey(bearer.Team.Kind, "eu", rand.Reader)
	must(s.t, err)
	made := team.Key{ID: id.New(id.Key), Team: bearer.Team.ID, User: who.ID, Name: "Laptop", Scopes: scopes}
	must(s.t, s.store.CreateKey(ctx, made, hash))
	return person{who, shown, made.ID}
}

// says calls with that Authorization from that address.
func (s *scene) says(from, authorization string) reply {
	s.t.Helper()
	r := httptest.NewRequest("GET", "/v1/team", nil)
	r.RemoteAddr = from
	return caller{scene: s, contract: s.sandbox.contract}.do(r, header{"Authorization", authorization})
}

const home = "192.0.2.1:1234"

func TestAKeyMayComeWithItsUser(t *testing.T) {
	s := open(t)
	ann, bob := s.person(s.production.key, team.Administrator), s.person(s.production.key, team.TeamRead)
	for name, sent := range map[string]string{
		"as a bearer":              "Bearer " + ann.key,
		"with the user's id":       "ApiKey " + ann.ID + ":" + ann.key,
		"with the user's address":  "ApiKey " + ann.Email + ":" + ann.key,
		"with the address in caps": "apikey " + strings.ToUpper(ann.Email) + ":" + ann.key,
		"of nobody, as a bearer":   "bearer " + s.production.key,
	} {
		if got := s.says(home, sent); got.Status != 200 {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
	}
	var first []byte
	for name, sent := range map[string]string{
		"of another user":           "ApiKey " + bob.ID + ":" + ann.key,
		"of another user's address": "ApiKey " + bob.Email + ":" + ann.key,
		"of a user there is not":    "ApiKey nobody@example.com:" + ann.key,
		"of no user":                "ApiKey :" + ann.key,
		"of nobody with a user":     "ApiKey " + ann.ID + ":" + s.production.key,
		"unknown":                   "ApiKey " + ann.ID + ":ck_live_eu_" + strings.Repeat("A", 43),
		"without a colon":           "ApiKey " + ann.key,
	} {
		got := s.says(home, sent).refused(401, "unauthorized")
		body := bytes.ReplaceAll(got.Body, []byte(got.Header.Get("X-Request-Id")), nil)
		if first == nil {
			first = body
		}
		if !bytes.Equal(body, first) || !strings.Contains(got.Header.Get("WWW-Authenticate"), "ApiKey") {
			t.Errorf("%s is told apart: %s", name, body)
		}
	}
}

func TestWhoTriesKeysIsSlowedAndNobodyElse(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := open(t, func(c *api.Config) { c.Now = func() time.Time { return now } })
	good, fresh := "Bearer "+s.production.key, "Bearer "+s.person(s.production.key, team.TeamRead).key
	guess := func(from string) reply { t.Helper(); return s.says(from, "Bearer ck_live_eu_"+rand.Text()) }
	s.says(home, good).want(200)
	for range 20 {
		guess(home).refused(401, "unauthorized")
	}
	over := guess(home).refused(429, "too_many_wrong_keys")
	if over.Header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After is %q", over.Header.Get("Retry-After"))
	}
	if right := s.says(home, fresh).refused(429, "too_many_wrong_keys"); right.Header.Get("Retry-After") != "60" {
		t.Error("a right guess is told apart from a wrong one")
	}
	s.says(home, good).want(200) // it was right from there a moment ago
	s.says("192.0.2.2:1", fresh).want(200)
	now = now.Add(time.Minute)
	s.says(home, fresh).want(200)
}

func TestWhoHasMoreAddressesThanOneGuessesNoFaster(t *testing.T) {
	s := open(t)
	for i := range 20 {
		s.says("[2001:db8::"+string(rune('a'+i%6))+"]:1", "Bearer ck_live_eu_"+rand.Text()).refused(401, "unauthorized")
	}
	s.says("[2001:db8::f:1]:1", "Bearer ck_live_eu_"+rand.Text()).refused(429, "too_many_wrong_keys")
	s.says("[2001:db8:0:1::1]:1", "Bearer ck_live_eu_"+rand.Text()).refused(401, "unauthorized")
}

func TestAKeyOfAnotherRegionIsSentThere(t *testing.T) {
	s := open(t, func(c *api.Config) {
		c.Region, c.Regions = "eu", map[string]string{"eu": "https://eu.example.com", "us": "https://us.example.com"}
	})
	secret := strings.Repeat("A", 43)
	got := s.says(home, "Bearer ck_test_us_"+secret).refused(421, "region_elsewhere")
	if got.text("location") != "https://us.example.com" || got.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("it is sent to %q: %s", got.text("location"), got.Body)
	}
	s.says(home, "ApiKey ann@example.com:ck_live_us_"+secret).refused(421, "region_elsewhere")
	s.says(home, "Bearer ck_test_mars_"+secret).refused(401, "unauthorized")
	s.says(home, "Bearer ck_test_eu_"+secret).refused(401, "unauthorized")
	s.says(home, "Bearer ck_test_"+secret).refused(401, "unauthorized")
}
