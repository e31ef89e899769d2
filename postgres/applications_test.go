package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/account"
	"chancery/id"
	"chancery/team"
)

func filledForm() team.ApplicationForm {
	return team.ApplicationForm{Company: "Example Ltd", Address: "1 Mill Lane", Name: "Uma User", Role: "Developer", UseCases: "Leases", Experience: "None"}
}

func (s scene) apply(t testing.TB, user string) team.Application {
	t.Helper()
	a := team.Application{ID: id.New(id.Application), Organisation: s.team.Organisation, User: user, Status: team.Pending, CreatedAt: noon, Form: filledForm()}
	must(t, s.Apply(ctx, a))
	return a
}

func (s scene) decide(id string, status team.ApplicationStatus, reason string, at time.Time) (team.Application, error) {
	return s.Decide(ctx, id, status, reason, at, func(a team.Application, u account.User) account.Notice {
		return account.Notice{ID: "ntc_of_" + a.ID, Kind: account.AccessApproved, User: u.ID, At: at, To: u.Address(), Reason: a.Reason}
	})
}

func TestAnApplicationIsDecidedOnce(t *testing.T) {
	s := newScene(t)
	uma := s.colleague(t)
	a := s.apply(t, uma.ID)
	must(t, s.Apply(ctx, a)) // once more is the same
	other := a
	other.ID = id.New(id.Application)
	mustBe(t, s.Apply(ctx, other), "application_pending")

	_, err := s.decide(a.ID, team.Rejected, " ", noon)
	mustBe(t, err, "reason_missing")
	_, err = s.decide(a.ID, team.Rejected, "Which company is that?", noon)
	must(t, err)
	again, err := s.decide(a.ID, team.Rejected, "twice", noon.Add(time.Hour))
	must(t, err)
	letter, _, err := s.Notice(ctx, "ntc_of_"+a.ID)
	must(t, err)
	if letter.To.Email != uma.Email || again.Reason != "Which company is that?" || !again.DecidedAt.Equal(noon) {
		t.Fatalf("decided %+v, and wrote to %+v", again, letter.To)
	}
	_, err = s.decide(a.ID, team.Approved, "", noon)
	mustBe(t, err, "application_decided")

	must(t, s.Apply(ctx, other))
	_, err = s.decide(other.ID, team.Approved, "", noon)
	must(t, err)
	last, err := s.LastApplication(ctx, uma.ID)
	must(t, err)
	if last.ID != other.ID || last.Status != team.Approved {
		t.Errorf("the last is %+v", last)
	}
	user, err := s.User(ctx, uma.ID)
	must(t, err)
	if !user.ApprovedAt.Equal(noon) {
		t.Errorf("approved at %s", user.ApprovedAt)
	}
	_, err = s.decide("app_nobody", team.Approved, "", noon)
	mustBe(t, err, "application_missing")
}

func TestAnApplicationAnswersEverything(t *testing.T) {
	s := newScene(t)
	a := team.Application{ID: id.New(id.Application), Organisation: s.team.Organisation, User: s.colleague(t).ID, CreatedAt: noon, Form: filledForm()}
	a.Form.UseCases = "\n"
	mustBe(t, s.Apply(ctx, a), "application_incomplete")
	a.Form.UseCases = strings.Repeat("x", team.MaxAnswer+1)
	mustBe(t, s.Apply(ctx, a), "text_too_long")
}

func TestApplicationsAreListedPageByPage(t *testing.T) {
	s := newScene(t)
	var want []string
	for range 45 {
		want = append([]string{s.apply(t, s.colleague(t).ID).ID}, want...)
	}
	var got []string
	for after := ""; ; {
		found, next, err := s.Applications(ctx, team.Pending, after)
		must(t, err)
		for _, a := range found {
			got = append(got, a.ID)
		}
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if none, _, err := s.Applications(ctx, team.Approved, ""); err != nil || len(none) > 0 {
		t.Fatalf("approved are %v, %v", none, err)
	}
}

func TestASubscriptionBeginsChangesAndEnds(t *testing.T) {
	s := newScene(t)
	none, err := s.Subscription(ctx, s.team.Organisation)
	must(t, err)
	if none.Active(noon) {
		t.Fatal("nobody has subscribed")
	}
	mustBe(t, s.Unsubscribe(ctx, s.team.Organisation, noon), "subscription_missing")
	mustBe(t, s.Subscribe(ctx, team.Subscription{Organisation: "org_nobody", Plan: "x", Since: noon}), "organisation_missing")
	mustBe(t, s.Subscribe(ctx, team.Subscription{Organisation: s.team.Organisation, Since: noon}), "plan_invalid")
	s.subscribe(t)
	want := team.Subscription{Organisation: s.team.Organisation, Plan: "Fair", Since: noon.Add(-time.Hour)}
	must(t, s.Subscribe(ctx, want))
	got, err := s.Subscription(ctx, s.team.Organisation)
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	must(t, s.Unsubscribe(ctx, s.team.Organisation, noon))
	must(t, s.Unsubscribe(ctx, s.team.Organisation, noon.Add(time.Hour))) // has ended
	customers, err := s.Customers(ctx)
	must(t, err)
	if len(customers) != 1 || customers[0].Name != "Example Ltd" || customers[0].Teams != 1 || !customers[0].Subscription.Until.Equal(noon) {
		t.Fatalf("customers are %+v", customers)
	}
}
