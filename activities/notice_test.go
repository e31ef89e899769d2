package activities_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"chancery/account"
	"chancery/activities"
	"chancery/problem"
)

// cabinet keeps one letter about an account, and what came of it.
type cabinet struct {
	activities.Records
	notice account.Notice
	came   []string
}

func (c *cabinet) Notice(context.Context, string) (account.Notice, bool, error) {
	return c.notice, len(c.came) > 0 && c.came[len(c.came)-1] != "waiting", nil
}

func (c *cabinet) Notified(_ context.Context, sent activities.Sent) error {
	c.came = append(c.came, sent.Status)
	return nil
}

func TestALetterAboutAnAccountIsTriedUntilTheServerTakesOrRefusesIt(t *testing.T) {
	away := errors.New("connection refused")
	for name, tt := range map[string]struct {
		kind  account.NoticeKind
		says  error
		want  string
		again bool
	}{
		"taken":                   {account.Locked, nil, "sent", false},
		"away":                    {account.Locked, away, "waiting", true},
		"refused":                 {account.Locked, problem.Invalid("mail_address_invalid", "No such mailbox."), "refused", false},
		"a blank one is not sent": {account.Blank, away, "refused", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cabinet{notice: account.Notice{ID: "ntc_1", Kind: tt.kind}}
			desk := &activities.Desk{Records: c, Letters: mailer{tt.says}}
			err := desk.Notify(t.Context(), "ntc_1")
			if (err != nil) != tt.again || !slices.Equal(c.came, []string{tt.want}) {
				t.Fatalf("it became %v, %v", c.came, err)
			}
			if err := desk.Notify(t.Context(), "ntc_1"); !tt.again && (err != nil || len(c.came) > 1) {
				t.Errorf("the second run did it again: %v, %v", c.came, err)
			}
		})
	}
}
