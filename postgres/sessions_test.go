package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/account"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
)

// newUser is somebody in the scene's organisation; their rows are made as signing up makes them.
func (s scene) newUser(t testing.TB, email string) account.User {
	t.Helper()
	u := account.User{ID: id.New(id.User), Organisation: s.team.Organisation, Name: "Una User", Email: email, CreatedAt: noon, ProvedAt: noon}
	must(t, s.CreateUser(ctx, u, account.Secrets{Password: "$argon2id$…"}))
	return u
}

func TestASessionOpensForAsLongAsItIsUsed(t *testing.T) {
	s := newScene(t)
	una := s.newUser(t, "una@example.com")
	token := account.NewToken()
	begun := account.NewSession(id.New(id.Session), una.ID, account.Open, noon, account.Origin{Address: "192.0.2.1", Device: "Lynx"})
	must(t, s.OpenSession(ctx, account.HashToken(token), begun))

	open := func(after time.Duration) error {
		_, _, err := s.Session(ctx, account.HashToken(token), account.Open, noon.Add(after))
		return err
	}
	got, user, err := s.Session(ctx, account.HashToken(token), account.Open, noon)
	must(t, err)
	if diff := cmp.Diff(begun, got) + cmp.Diff(una, user); diff != "" {
		t.Fatal(diff)
	}
	_, _, err = s.Session(ctx, account.HashToken(token), account.Pending, noon)
	mustBe(t, err, "signed_out")
	_, _, err = s.Session(ctx, account.HashToken("guess"), account.Open, noon)
	mustBe(t, err, "signed_out")

	for day := range 27 { // twice a day for thirteen and a half days
		must(t, open(time.Duration(day)*(account.IdleFor-time.Minute)))
	}
	mustBe(t, open(account.LongestFor), "signed_out")
}

func TestASessionEndsWhenNobodyUsesIt(t *testing.T) {
	s := newScene(t)
	una := s.newUser(t, "una@example.com")
	token := account.NewToken()
	must(t, s.OpenSession(ctx, account.HashToken(token), account.NewSession(id.New(id.Session), una.ID, account.Open, noon, account.Origin{})))
	_, _, err := s.Session(ctx, account.HashToken(token), account.Open, noon.Add(account.IdleFor))
	mustBe(t, err, "signed_out")
	_, _, err = s.Session(ctx, account.HashToken(token), account.Open, noon.Add(account.IdleFor-time.Minute))
	must(t, err) // asking too late has not put it back
}

func TestSessionsEndOneByOneOrAllButOne(t *testing.T) {
	s := newScene(t)
	una, eve := s.newUser(t, "una@example.com"), s.newUser(t, "eve@example.com")
	var all []account.Session
	for i := range 3 {
		begun := account.NewSession(id.New(id.Session), una.ID, account.Open, noon.Add(time.Duration(i)*time.Minute), account.Origin{})
		must(t, s.OpenSession(ctx, account.HashToken(begun.ID), begun))
		all = append(all, begun)
	}
	left := func() []account.Session {
		found, err := s.Sessions(ctx, una.ID, noon.Add(time.Hour))
		must(t, err)
		return found
	}
	must(t, s.EndSession(ctx, eve.ID, all[0].ID)) // not hers
	if diff := cmp.Diff([]account.Session{all[2], all[1], all[0]}, left()); diff != "" {
		t.Fatal(diff)
	}
	must(t, s.EndSession(ctx, una.ID, all[0].ID))
	must(t, s.EndSessions(ctx, una.ID, all[2].ID))
	if diff := cmp.Diff(all[2:], left()); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnOperatorIsProvedAndSecured(t *testing.T) {
	s := newScene(t)
	s.newUser(t, "Root@Example.com")
	store, err := postgres.Open(ctx, postgres.Config{URL: s.database.URL, Sealer: postgrestest.Sealer{}, Operators: account.Operators{"root@example.com"}})
	must(t, err)
	defer store.Close()
	operates := func() bool {
		u, err := store.UserByEmail(ctx, " root@example.COM")
		must(t, err)
		return u.Operator
	}
	if operates() {
		t.Error("without a second factor")
	}
	_, err = postgrestest.Connect(t, s.database.RootURL).Exec(ctx, `update users set secured_at = now()`)
	must(t, err)
	if !operates() {
		t.Error("with a second factor it is not")
	}
	_, err = postgrestest.Connect(t, s.database.RootURL).Exec(ctx, `update users set proved_at = null`)
	must(t, err)
	if operates() {
		t.Error("with an address that nobody has proved")
	}
}

func TestAnOrganisationHasAnAuditChainOfItsOwn(t *testing.T) {
	s := newScene(t)
	for range 2 {
		must(t, s.Note(ctx, s.team.Organisation, envelope.Evidence{Kind: "user.signed_in", By: sam}))
	}
	mustBe(t, s.Note(ctx, "org_nobody", envelope.Evidence{Kind: "user.signed_in", By: sam}), "organisation_missing")
	trail, err := s.Trail(ctx, s.team.Organisation)
	must(t, err)
	if len(trail) != 2 || trail[1].Prev != trail[0].Hash {
		t.Fatalf("the chain is %+v", trail)
	}
	found := false
	for chain, err := range s.VerifyChains(ctx) {
		must(t, err)
		found = found || chain == s.team.Organisation
	}
	if !found {
		t.Error("it is not verified with the others")
	}
}
