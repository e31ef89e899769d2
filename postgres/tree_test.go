package postgres_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/account"
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/team"
)

// colleague is somebody of the organisation of the scene's team.
func (s scene) colleague(t testing.TB, change ...func(*account.User)) account.User {
	t.Helper()
	u := account.User{ID: id.New(id.User), Organisation: s.team.Organisation, Name: "Uma User", Email: id.New("x") + "@example.com", CreatedAt: noon, ProvedAt: noon}
	for _, c := range change {
		c(&u)
	}
	must(t, s.CreateUser(ctx, u, account.Secrets{}))
	return u
}

func mayUseTheAPI(u *account.User) { u.ApprovedAt, u.SecuredAt = noon, noon }

func (s scene) subscribe(t testing.TB) {
	t.Helper()
	must(t, s.Subscribe(ctx, team.Subscription{Organisation: s.team.Organisation, Plan: "Business", MonthlyDocuments: 100, Since: noon}))
}

// below is another team of the scene's organisation.
func (s scene) below(t testing.TB, parent string) team.Team {
	t.Helper()
	made := team.Team{ID: id.New(id.Team), Organisation: s.team.Organisation, Parent: parent, Name: "Below", Kind: team.Production, CreatedAt: noon}
	must(t, s.AddTeam(ctx, made, noon))
	return made
}

func TestWithoutASubscriptionThereIsOneSandbox(t *testing.T) {
	s := newScene(t)
	one := team.Team{ID: id.New(id.Team), Organisation: s.team.Organisation, Name: "Another", Kind: team.Sandbox}
	mustBe(t, s.AddTeam(ctx, one, noon), "subscription_needed")
	s.subscribe(t)
	must(t, s.AddTeam(ctx, one, noon))
	must(t, s.AddTeam(ctx, one, noon)) // once more is the same
	must(t, s.Unsubscribe(ctx, s.team.Organisation, noon.Add(time.Hour)))
	one.ID = id.New(id.Team)
	mustBe(t, s.AddTeam(ctx, one, noon.Add(time.Hour)), "subscription_needed")
	all, err := s.Tree(ctx, s.team.Organisation)
	must(t, err)
	if len(all) != 2 {
		t.Fatalf("there are %d teams", len(all))
	}
}

func TestAnotherOrganisationsTeamIsNotTakenOver(t *testing.T) {
	s := newScene(t)
	s.subscribe(t)
	theirs := s.newTeam(t)
	theirs.Organisation = s.team.Organisation
	if err := s.AddTeam(ctx, theirs, noon); err == nil {
		t.Fatal("a team changed its organisation")
	}
}

func TestTheTreeHasNoCyclesAndOneOrganisation(t *testing.T) {
	s := newScene(t)
	s.subscribe(t)
	child := s.below(t, s.team.ID)
	grandchild := s.below(t, child.ID)
	mustBe(t, s.MoveTeam(ctx, s.team.ID, grandchild.ID), "team_parent_invalid")
	mustBe(t, s.MoveTeam(ctx, s.team.ID, s.team.ID), "team_parent_invalid")
	mustBe(t, s.MoveTeam(ctx, child.ID, s.newTeam(t).ID), "team_parent_invalid")
	mustBe(t, s.MoveTeam(ctx, child.ID, "tm_nobody"), "team_parent_invalid")
	mustBe(t, s.MoveTeam(ctx, "tm_nobody", ""), "team_missing")
	must(t, s.MoveTeam(ctx, grandchild.ID, s.team.ID))
	must(t, s.MoveTeam(ctx, child.ID, grandchild.ID))
	must(t, s.MoveTeam(ctx, child.ID, ""))
}

func TestTwoWhoMoveTeamsAtOnceMakeNoCycle(t *testing.T) {
	s := newScene(t)
	s.subscribe(t)
	for range 10 {
		a, b := s.below(t, ""), s.below(t, "")
		errs := atOnce(2, func(i int) error {
			if i == 0 {
				return s.MoveTeam(ctx, a.ID, b.ID)
			}
			return s.MoveTeam(ctx, b.ID, a.ID)
		})
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("got %v", errs)
		}
	}
}

func TestATeamThatChangesItsKindLosesItsKeys(t *testing.T) {
	s := newScene(t)
	mustBe(t, s.SetKind(ctx, s.team.ID, team.Production, noon), "subscription_needed")
	s.subscribe(t)
	_, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
	must(t, err)
	must(t, s.CreateKey(ctx, team.Key{ID: id.New(id.Key), Team: s.team.ID, Name: "the till"}, hash))
	must(t, s.SetKind(ctx, s.team.ID, team.Sandbox, noon)) // which it is
	_, err = s.TeamByKey(ctx, hash)
	must(t, err)
	must(t, s.SetKind(ctx, s.team.ID, team.Production, noon))
	_, err = s.TeamByKey(ctx, hash)
	mustBe(t, err, "key_unknown")
	if s.read(t, s.draft.ID).Test {
		t.Error("a draft of a production team is a test")
	}
	must(t, s.SetKind(ctx, s.team.ID, team.Sandbox, noon))
	if !s.read(t, s.draft.ID).Test {
		t.Error("a draft of a sandbox is none")
	}
}

func TestAnEnvelopeUnderWayStaysWhatItIs(t *testing.T) {
	s := newScene(t)
	s.subscribe(t)
	sent := s.send(t, s.draft)
	must(t, s.SetKind(ctx, s.team.ID, team.Production, noon))
	if !s.read(t, sent.ID).Test {
		t.Error("a test that was sent became real")
	}
}

func TestATeamIsDescribed(t *testing.T) {
	s := newScene(t)
	want := envelope.Person{Name: "Nora New", Email: "nora@example.com"}
	must(t, s.DescribeTeam(ctx, s.team.ID, "Renamed", want))
	got, err := s.Team(ctx, s.team.ID)
	must(t, err)
	if got.Name != "Renamed" || got.Sender != want {
		t.Fatalf("got %+v", got)
	}
	mustBe(t, s.DescribeTeam(ctx, s.team.ID, " ", want), "team_invalid")
	mustBe(t, s.DescribeTeam(ctx, s.team.ID, "x", envelope.Person{Name: "x", Email: "x"}), "email_invalid")
	mustBe(t, s.DescribeTeam(ctx, "tm_nobody", "x", want), "team_missing")
}

func TestPresetAddressesSettle(t *testing.T) {
	s := newScene(t)
	turn := func(letters ...string) error {
		var emails []string
		for _, l := range letters {
			emails = append(emails, l+"@example.com")
		}
		return s.SetPreset(ctx, s.team.ID, emails)
	}
	must(t, turn("a", "b", "c", "d", "e"))
	must(t, turn("f", "g", "h", "i", "j"))
	mustBe(t, turn("f", "g", "h", "i", "k"), "preset_settled")
	must(t, turn("J", "g")) // taking away is free
	left, err := s.PresetLeft(ctx, s.team.ID)
	must(t, err)
	got, err := s.Team(ctx, s.team.ID)
	must(t, err)
	if diff := cmp.Diff([]string{"J@example.com", "g@example.com"}, got.Preset); diff != "" || left != 0 {
		t.Fatalf("%d left: %s", left, diff)
	}
}

func TestSomebodyGoesOnLookingAfterATeam(t *testing.T) {
	s := newScene(t)
	ann, bob := s.colleague(t), s.colleague(t)
	must(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: bob.ID, Level: team.TeamRead}))
	must(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: ann.ID, Level: team.Administrator}))
	mustBe(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: ann.ID, Level: team.TeamRead}), "team_unattended")
	mustBe(t, s.RemoveMember(ctx, s.team.ID, ann.ID), "team_unattended")
	mustBe(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: ann.ID, Level: "emperor"}), "level_unknown")
	must(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: bob.ID, Level: team.Administrator}))
	errs := atOnce(2, func(i int) error { return s.RemoveMember(ctx, s.team.ID, []string{ann.ID, bob.ID}[i]) })
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("got %v", errs)
	}
	s.colleague(t, func(u *account.User) { u.Head = true })
	for _, one := range []string{ann.ID, bob.ID} {
		_ = s.RemoveMember(ctx, s.team.ID, one) // the organisation's administrator remains
	}
	members, err := s.Members(ctx, s.team.ID)
	must(t, err)
	if len(members) > 0 {
		t.Fatalf("members are %v", members)
	}
}

func TestOnlyMembersWhoMayHaveKeysHaveKeys(t *testing.T) {
	s := newScene(t)
	may, stranger, plain := s.colleague(t, mayUseTheAPI), s.colleague(t, mayUseTheAPI), s.colleague(t)
	for _, u := range []string{may.ID, plain.ID} {
		must(t, s.SetMember(ctx, team.Member{Team: s.team.ID, User: u, Level: team.OwnSend}))
	}
	make := func(user string) error {
		_, hash, err := team.NewKey(team.Sandbox, "eu", rand.Reader)
		must(t, err)
		return s.CreateKey(ctx, team.Key{ID: id.New(id.Key), Team: s.team.ID, User: user, Name: "x"}, hash)
	}
	mustBe(t, make(plain.ID), "key_owner_refused")
	mustBe(t, make(stranger.ID), "key_owner_refused")
	for range postgres.MaxKeys {
		must(t, make(may.ID))
	}
	mustBe(t, make(may.ID), "too_many_keys")
}
