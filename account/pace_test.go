package account_test

import (
	"errors"
	"testing"
	"time"

	"chancery/account"
	"chancery/problem"
)

var pace = account.Pace{Free: 2, Step: time.Second, Most: 4 * time.Second, Lock: 6, For: time.Minute, Longest: 3 * time.Minute, Forget: time.Hour}

func TestTheWaitGrowsAndThenItIsLocked(t *testing.T) {
	waits := []time.Duration{0, 0, time.Second, 2 * time.Second, 4 * time.Second, time.Minute, 0, 0, time.Second, 2 * time.Second, 4 * time.Second, 2 * time.Minute}
	tally, at := account.Tally{}, noon
	for n, want := range waits {
		var err error
		if tally, err = pace.Count(tally, at); err != nil {
			t.Fatalf("guess %d is refused: %v", n+1, err)
		}
		if got := max(0, pace.Next(tally).Sub(at)); got != want {
			t.Errorf("after guess %d: wait %s, want %s", n+1, got, want)
		}
		if locks := (n+1)%6 == 0; pace.Locks(tally) != locks {
			t.Errorf("after guess %d: locks is %t", n+1, !locks)
		}
		if want > 0 {
			var slowed *account.Slowed
			_, err := pace.Count(tally, at.Add(want-time.Millisecond))
			if !errors.As(err, &slowed) || slowed.Wait != time.Millisecond || !problem.Has(err, "too_many_tries") {
				t.Errorf("guess %d comes too early and gets %v", n+2, err)
			}
		}
		at = at.Add(want)
	}
}

func TestAWaitNeverGrowsBeyondItsLimitAndIsForgotten(t *testing.T) {
	tally := account.Tally{Failures: 600_000, At: noon}
	if got := pace.Next(tally).Sub(noon); got != pace.Longest {
		t.Errorf("the lock is %s", got)
	}
	if after, err := pace.Count(tally, noon.Add(pace.Forget)); err != nil || after.Failures != 1 {
		t.Errorf("a long time later: %+v, %v", after, err)
	}
}

func TestWhoeverIsSlowedIsToldHowLongInWords(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		time.Millisecond: "a second", 1500 * time.Millisecond: "2 seconds", 14*time.Minute + time.Second: "15 minutes", 7*time.Hour + time.Minute: "8 hours",
	} {
		if said := problem.Of(account.Slow(wait)).Public; said != "That was tried too often. Please wait "+want+" and try again." {
			t.Errorf("%s: %s", wait, said)
		}
	}
}
