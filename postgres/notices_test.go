package postgres_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/account"
	"chancery/activities"
	"chancery/id"
)

func TestANoticeWaitsUntilItIsSentAndForgetsItsLink(t *testing.T) {
	s := newScene(t)
	una := s.newUser(t, "una@example.com")
	n := account.Notice{ID: id.New(id.Notice), Kind: account.ResetPassword, User: una.ID, At: noon, To: una.Address(), Link: "https://hub.example/reset/x"}
	must(t, s.AddNotice(ctx, n))
	must(t, s.AddNotice(ctx, n)) // a repeat is the same letter

	got, finished, err := s.Notice(ctx, n.ID)
	must(t, err)
	if diff := cmp.Diff(n, got); diff != "" || finished {
		t.Fatal(finished, diff)
	}
	pending := func() []string {
		found, err := s.PendingNotices(ctx, noon.Add(time.Minute))
		must(t, err)
		return found
	}
	must(t, s.Notified(ctx, activities.Sent{Letter: n.ID, Status: "waiting", At: noon}))
	if diff := cmp.Diff([]string{n.ID}, pending()); diff != "" {
		t.Fatal(diff)
	}
	must(t, s.Notified(ctx, activities.Sent{Letter: n.ID, Status: "sent", At: noon.Add(time.Minute)}))
	must(t, s.Notified(ctx, activities.Sent{Letter: n.ID, Status: "refused", At: noon.Add(time.Hour)})) // too late
	got, finished, err = s.Notice(ctx, n.ID)
	must(t, err)
	if !finished || got.Link != "" || got.To != n.To || len(pending()) > 0 {
		t.Fatalf("it became %+v, finished %t", got, finished)
	}
	_, _, err = s.Notice(ctx, "ntc_nobody")
	mustBe(t, err, "letter_missing")
}
