package problem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"chancery/problem"
)

func TestAnAccidentShowsNothingOfOurInside(t *testing.T) {
	p := problem.Of(errors.New("dial tcp 10.0.0.7:5432: refused"))
	if p.Kind != problem.KindInternal || strings.Contains(p.Public, "10.0.0.7") {
		t.Fatalf("got %q of kind %s", p.Public, p.Kind)
	}
	if !strings.Contains(p.Error(), "10.0.0.7") {
		t.Fatal("the log must still see the cause")
	}
}

func TestAProblemIsFoundThroughWrapping(t *testing.T) {
	turn := problem.Conflict("not_your_turn", "It is not your turn to sign yet.")
	err := fmt.Errorf("record act act_1: %w", turn.Because(errors.New("row")))
	if !problem.Has(err, "not_your_turn") || !errors.Is(err, turn) {
		t.Fatalf("lost the problem in %v", err)
	}
}

func TestAddingAFieldLeavesTheOriginalAlone(t *testing.T) {
	base := problem.Invalid("recipient_without_address", "A recipient needs an email address.")
	if base.At("recipients[%d].email", 2); base.Field != "" {
		t.Fatal("a shared problem was changed")
	}
}
