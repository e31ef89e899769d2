package postgres_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"chancery/id"
	"chancery/postgres/postgrestest"
	"chancery/problem"
	"chancery/team"
)

func asError[E error](err error, target *E) bool { return errors.As(err, target) }

// mustBe fails unless err is the problem with that code.
func mustBe(t testing.TB, err error, code string) {
	t.Helper()
	if !problem.Has(err, code) {
		t.Fatalf("got %v, want the problem %s", err, code)
	}
}

func TestATeamIsReadAsItWasWritten(t *testing.T) {
	s := newScene(t)
	got, err := s.Team(ctx, s.team.ID)
	must(t, err)
	if diff := cmp.Diff(s.team, got); diff != "" {
		t.Fatal(diff)
	}
	all, err := s.Teams(ctx)
	must(t, err)
	if diff := cmp.Diff([]team.Team{s.team}, all); diff != "" {
		t.Fatal(diff)
	}
	_, err = s.Team(ctx, "tm_nobody")
	mustBe(t, err, "team_missing")
}

func TestPresetAddressesAreReplaced(t *testing.T) {
	s := newScene(t)
	must(t, s.SetPreset(ctx, s.team.ID, []string{"cat@example.com"}))
	got, err := s.Team(ctx, s.team.ID)
	must(t, err)
	if diff := cmp.Diff([]string{"cat@example.com"}, got.Preset); diff != "" {
		t.Fatal(diff)
	}
	mustBe(t, s.SetPreset(ctx, s.team.ID, []string{"nonsense"}), "email_invalid")
	mustBe(t, s.SetPreset(ctx, "tm_nobody", nil), "team_missing")
}

func TestAKeySpeaksForItsTeamUntilItIsRevoked(t *testing.T) {
	s := newScene(t)
	_, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
	must(t, err)
	key := team.Key{ID: id.New(id.Key), Team: s.team.ID, Name: "the till", CreatedAt: noon}
	must(t, s.CreateKey(ctx, key, hash))

	bearer, err := s.TeamByKey(ctx, hash)
	must(t, err)
	if diff := cmp.Diff(s.team, bearer.Team) + cmp.Diff(key, bearer.Key, cmpopts.EquateEmpty()); diff != "" {
		t.Fatal(diff)
	}
	mustBe(t, s.RevokeKey(ctx, "tm_other", key.ID), "key_missing")
	must(t, s.RevokeKey(ctx, s.team.ID, key.ID))
	_, err = s.TeamByKey(ctx, hash)
	mustBe(t, err, "key_unknown")
	_, err = s.TeamByKey(ctx, team.HashKey("ck_test_guess"))
	mustBe(t, err, "key_unknown")

	keys, err := s.Keys(ctx, s.team.ID)
	must(t, err)
	if len(keys) != 1 || keys[0].Revoked.IsZero() {
		t.Fatalf("keys are %+v", keys)
	}
}

func TestLastUseIsNotedAtMostOnceAMinute(t *testing.T) {
	s := newScene(t)
	hash := team.HashKey("ck_test_x")
	must(t, s.CreateKey(ctx, team.Key{ID: "key_1", Team: s.team.ID}, hash))
	lastUsed := func() time.Time {
		_, err := s.TeamByKey(ctx, hash)
		must(t, err)
		keys, err := s.Keys(ctx, s.team.ID)
		must(t, err)
		return keys[0].LastUsed
	}
	first := lastUsed()
	if first.IsZero() || !lastUsed().Equal(first) {
		t.Fatal("each use within a minute is written")
	}
	_, err := postgrestest.Connect(t, s.database.RootURL).Exec(ctx, `update api_keys set last_used_at = last_used_at - interval '61 seconds'`)
	must(t, err)
	if !lastUsed().After(first) {
		t.Fatal("a later use is not written")
	}
}

func TestFiftyProcessesAgreeOnOneSecret(t *testing.T) {
	s := newScene(t)
	var made atomic.Int64
	got := make([]string, 50)
	errs := atOnce(50, func(i int) error {
		secret, err := s.Secret(ctx, "link keys", func() ([]byte, error) { return fmt.Append(nil, "secret ", made.Add(1)), nil })
		got[i] = string(secret)
		return err
	})
	for i, err := range errs {
		must(t, err)
		if got[i] != got[0] || got[i] == "" {
			t.Fatalf("one has %q, another %q", got[0], got[i])
		}
	}
}

func TestASecretThatCannotBeMadeIsNotStored(t *testing.T) {
	s := newScene(t)
	if _, err := s.Secret(ctx, "ca", func() ([]byte, error) { return nil, errors.New("no randomness") }); err == nil {
		t.Fatal("want an error")
	}
	secret, err := s.Secret(ctx, "ca", func() ([]byte, error) { return []byte("good"), nil })
	must(t, err)
	if string(secret) != "good" {
		t.Fatalf("got %q", secret)
	}
}
