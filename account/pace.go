package account

import (
	"fmt"
	"time"

	"chancery/problem"
)

// Pace is how whoever guesses is slowed: the first few wrong guesses are free, then
// the wait grows, and after so many in a row it is locked for a while, for longer
// every time.
type Pace struct {
	Free    int           // wrong guesses without a wait
	Step    time.Duration // the first wait; it doubles
	Most    time.Duration // the longest wait before the lock
	Lock    int           // so many in a row lock
	For     time.Duration // the first lock; it doubles
	Longest time.Duration // the longest lock
	Forget  time.Duration // after so long, nothing is remembered
}

// What people mistype is free or nearly so; what a program needs is not. At these
// figures a stranger has some 70 guesses at a password in the first day, and 30 in
// every one that follows.
var (
	accountPace = Pace{Free: 4, Step: time.Second, Most: 30 * time.Second, Lock: 10, For: 15 * time.Minute, Longest: 8 * time.Hour, Forget: 48 * time.Hour}
	// A code has six digits, three of which fit at any moment.
	codePace = Pace{Free: 3, Step: time.Second, Most: 30 * time.Second, Lock: 8, For: 15 * time.Minute, Longest: 8 * time.Hour, Forget: 48 * time.Hour}
	// A whole office may share one address.
	addressPace = Pace{Free: 30, Step: time.Second, Most: 30 * time.Second, Lock: 100, For: 15 * time.Minute, Longest: 8 * time.Hour, Forget: 48 * time.Hour}
	// Every question is a row until it is answered or forgotten.
	questionPace = Pace{Free: 100, Step: time.Second, Most: 10 * time.Second, Lock: 10_000, For: 15 * time.Minute, Longest: 15 * time.Minute, Forget: 10 * time.Minute}
	// Letters to an address that somebody else may have entered.
	letterPace = Pace{Free: 3, Step: time.Minute, Most: time.Hour, Lock: 10, For: 8 * time.Hour, Longest: 8 * time.Hour, Forget: 24 * time.Hour}
)

// Tally is what is remembered of the wrong guesses at one thing.
type Tally struct {
	Failures int // in a row
	At       time.Time
}

// Next is when the next guess is let through.
func (p Pace) Next(t Tally) time.Time {
	switch n := t.Failures % p.Lock; {
	case t.Failures == 0:
		return time.Time{}
	case n == 0:
		return t.At.Add(doubled(p.For, t.Failures/p.Lock-1, p.Longest))
	case n > p.Free:
		return t.At.Add(doubled(p.Step, n-p.Free-1, p.Most))
	}
	return time.Time{}
}

func doubled(d time.Duration, times int, most time.Duration) time.Duration {
	for range times {
		if d *= 2; d >= most {
			return most
		}
	}
	return min(d, most)
}

// Count is the tally after one more wrong guess, or who guesses must wait.
func (p Pace) Count(t Tally, at time.Time) (Tally, error) {
	if at.Sub(t.At) >= p.Forget {
		t = Tally{}
	}
	if next := p.Next(t); at.Before(next) {
		return t, Slow(next.Sub(at))
	}
	return Tally{Failures: t.Failures + 1, At: at}, nil
}

// Locks tells whether the tally has just locked what is guessed at.
func (p Pace) Locks(t Tally) bool { return t.Failures > 0 && t.Failures%p.Lock == 0 }

// Guarded is what is guessed at, or from where, and how fast that may be.
type Guarded struct {
	Subject string
	Pace    Pace
}

// Slowed is the answer to whoever has guessed too often: it says how long to wait.
type Slowed struct {
	Wait time.Duration
	said *problem.Problem
}

// Slow is the answer with that wait, in words.
func Slow(wait time.Duration) *Slowed {
	return &Slowed{Wait: wait, said: problem.Limited("too_many_tries", "That was tried too often. Please wait "+words(wait)+" and try again.")}
}

func (s *Slowed) Error() string { return s.said.Error() }

func (s *Slowed) Unwrap() error { return s.said }

// words round up: nobody likes to be sent away twice.
func words(wait time.Duration) string {
	switch {
	case wait <= time.Second:
		return "a second"
	case wait <= 90*time.Second:
		return fmt.Sprintf("%d seconds", (wait+time.Second-1)/time.Second)
	case wait <= 90*time.Minute:
		return fmt.Sprintf("%d minutes", (wait+time.Minute-1)/time.Minute)
	}
	return fmt.Sprintf("%d hours", (wait+time.Hour-1)/time.Hour)
}
