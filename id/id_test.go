package id_test

import (
	"slices"
	"testing"

	"chancery/id"
)

func TestIdsSortByTheTimeTheyWereMade(t *testing.T) {
	var made []string
	for range 1000 {
		made = append(made, id.New(id.Envelope))
	}
	if !slices.IsSorted(made) {
		t.Error("a later id sorts before an earlier one")
	}
	if len(slices.Compact(made)) != 1000 {
		t.Error("two ids are the same")
	}
}

func TestOnlyOurOwnIdsOfThatKindAreIds(t *testing.T) {
	good := id.New(id.Act)
	if !id.Is(id.Act, good) {
		t.Errorf("%s is not taken", good)
	}
	for _, bad := range []string{"", "act_", good[:len(good)-1], good + "0", id.New(id.Team), "act_" + "uuuuuuuuuuuuuuuuuuuuuuuuuu", "ACT_" + good[4:]} {
		if id.Is(id.Act, bad) {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestAnIdIsFoundAgainFromItsBytes(t *testing.T) {
	for range 100 {
		made := id.New(id.Recipient)
		raw, ok := id.Raw(id.Recipient, made)
		if back := id.Of(id.Recipient, raw); !ok || back != made {
			t.Fatalf("%s came back as %s", made, back)
		}
	}
	if _, ok := id.Raw(id.Recipient, id.New(id.Act)); ok {
		t.Error("an id of another kind has bytes")
	}
}
