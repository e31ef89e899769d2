package activities_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"go.temporal.io/sdk/temporal"

	"chancery/activities"
	"chancery/problem"
)

func TestAProblemIsAnAnswerAndComesBackWhole(t *testing.T) {
	sent := problem.Invalid("field_required", "A required field is empty.").At("values.fld_1").Because(errors.New("row 7"))
	err := activities.Refusal(fmt.Errorf("record act act_1: %w", sent))
	if !activities.Refused(err) {
		t.Fatalf("%v would be tried again", err)
	}
	var got *problem.Problem
	if !errors.As(activities.Problem(fmt.Errorf("update: %w", err)), &got) {
		t.Fatalf("no problem came back from %v", err)
	}
	if got.Kind != sent.Kind || got.Code != sent.Code || got.Public != sent.Public || got.Field != sent.Field {
		t.Errorf("sent %+v, got %+v", sent, got)
	}
	if strings.Contains(err.Error(), "row 7") {
		t.Errorf("the hidden cause shows in %q", err)
	}
}

func TestAnAccidentIsTriedAgainAndIsNoProblem(t *testing.T) {
	for name, accident := range map[string]error{
		"an unknown error":          errors.New("connection refused"),
		"a problem of our own":      problem.Internal(errors.New("connection refused")),
		"an error worth a retry":    temporal.NewApplicationError("not sent yet", "letter_waits"),
		"a refusal without details": temporal.NewNonRetryableApplicationError("broken", "broken", nil),
	} {
		t.Run(name, func(t *testing.T) {
			if err := activities.Refusal(accident); !errors.Is(err, accident) {
				t.Errorf("became %v", err)
			}
			var p *problem.Problem
			if errors.As(activities.Problem(accident), &p) && p.Kind != problem.KindInternal {
				t.Errorf("became the problem %v", p)
			}
		})
	}
	if activities.Refusal(nil) != nil || activities.Problem(nil) != nil {
		t.Error("nothing became something")
	}
}
