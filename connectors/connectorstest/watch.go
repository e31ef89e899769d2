package connectorstest

import (
	"context"
	"errors"
	"testing"
	"time"

	"chancery/connectors"
)

// heard is one thing that was told.
type heard struct {
	news   connectors.News
	cursor string
}

// listen watches until the test is over; what was told comes out of the channel.
func listen(t *testing.T, s Subject, cursor string) (told <-chan heard, stop func()) {
	t.Helper()
	w := s.Connector.(connectors.Watcher)
	out := make(chan heard, 100)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		ended <- w.Watch(ctx, []string{s.Record.Type}, cursor, func(n connectors.News, c string) error {
			out <- heard{n, c}
			return nil
		})
	}()
	done := false
	stop = func() {
		if done {
			return
		}
		done = true
		cancel()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the watch ended with %v", err)
			}
		case <-time.After(patience):
			t.Error("the watch does not end")
		}
	}
	t.Cleanup(stop)
	return out, stop
}

// of waits for news of the record that is no noise.
func of(t *testing.T, s Subject, told <-chan heard) heard {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case h := <-told:
			if h.news.Ref.ID == s.Record.ID && h.news.Kind != connectors.Quiet {
				return h
			}
		case <-deadline:
			t.Fatal("nothing was told")
		}
	}
}

// begin makes sure that a watch from now on has begun, by changing something until it
// is heard.
func begin(t *testing.T, s Subject, told <-chan heard) heard {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		s.Touch(s.Text, "begin "+time.Now().String())
		select {
		case h := <-told:
			for {
				select {
				case h = <-told:
					continue
				case <-time.After(300 * time.Millisecond):
				}
				return h
			}
		case <-time.After(300 * time.Millisecond):
		}
	}
	t.Fatal("nothing was told")
	return heard{}
}

func watches(t *testing.T, s Subject) {
	if !s.has(Watches) {
		t.Skip("it watches nothing")
	}
	told, stop := listen(t, s, "")
	begin(t, s, told)
	s.Touch(s.Text, "theirs")
	h := of(t, s, told)
	if h.news.Ours || h.news.Kind != connectors.Updated || h.news.ID == "" || h.cursor == "" || h.news.At.IsZero() {
		t.Errorf("of somebody else's change it tells %+v", h)
	}
	if w, ok := s.Connector.(connectors.Writer); ok {
		if _, err := w.Write(t.Context(), s.Record, map[string]any{s.Text: "ours"}, ""); err != nil {
			t.Fatal(err)
		}
		if h := of(t, s, told); !h.news.Ours {
			t.Errorf("of our change it tells %+v", h)
		}
	}
	stop()
}

func resumes(t *testing.T, s Subject) {
	if !s.has(Watches) {
		t.Skip("it watches nothing")
	}
	told, stop := listen(t, s, "")
	last := begin(t, s, told)
	stop()
	s.Touch(s.Text, "while nobody listens")
	first, stopFirst := listen(t, s, last.cursor)
	missed := of(t, s, first)
	stopFirst()
	again, _ := listen(t, s, last.cursor)
	if twice := of(t, s, again); twice.news.ID != missed.news.ID || missed.news.ID == last.news.ID {
		t.Errorf("the same is told as %q and %q, what was before as %q", missed.news.ID, twice.news.ID, last.news.ID)
	}
	s.Break(TokenEnds)
	s.Touch(s.Text, "after the token has ended")
	of(t, s, again)
}
