package salesforce_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/salesforce"
	"chancery/connectors/salesforce/salesforcetest"
)

// ear remembers what it is told.
type ear struct {
	mu     sync.Mutex
	news   []connectors.News
	cursor string
	bell   chan struct{}
}

func (e *ear) hear(n connectors.News, cursor string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.news, e.cursor = append(e.news, n), cursor
	select {
	case e.bell <- struct{}{}:
	default:
	}
	return nil
}

func (e *ear) heard() ([]connectors.News, string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.news), e.cursor
}

// until waits for news.
func (e *ear) until(t *testing.T, what string, is func(connectors.News) bool) connectors.News {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		news, _ := e.heard()
		if i := slices.IndexFunc(news, is); i >= 0 {
			return news[i]
		}
		select {
		case <-e.bell:
		case <-deadline:
			t.Fatalf("not told of %s, only of %+v", what, news)
		}
	}
}

func watch(t *testing.T, c *salesforce.Client, cursor string, types ...string) (*ear, func() error) {
	t.Helper()
	e := &ear{bell: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Watch(ctx, types, cursor, e.hear) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() })
	return e, stop
}

// place is a cursor after everything that has happened.
func place(t *testing.T, o *salesforcetest.Org, c *salesforce.Client) string {
	t.Helper()
	e, stop := watch(t, c, "", "Opportunity")
	for begun := false; !begun; {
		o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"Description": time.Now().String()})
		select {
		case <-e.bell:
			begun = true
		case <-time.After(200 * time.Millisecond):
		}
	}
	_ = stop()
	_, cursor := e.heard()
	return cursor
}

func TestNewsSaysWhichFieldsChangedAndWhoChangedThem(t *testing.T) {
	o, clock := org(t, salesforcetest.Options{})
	c := connect(t, o)
	s := o.Seeded()
	e, _ := watch(t, c, place(t, o, c), "Opportunity", "Contact", "Agreement__c")
	clock.on(time.Hour)
	if _, err := c.Write(t.Context(), connectors.Ref{Type: "Opportunity", ID: s.Opportunity}, map[string]any{"StageName": "Proposal"}, ""); err != nil {
		t.Fatal(err)
	}
	n := e.until(t, "our change", func(n connectors.News) bool { return slices.Contains(n.Fields, "StageName") })
	if !n.Ours || n.Kind != connectors.Updated || n.Ref.ID != s.Opportunity || !n.At.Equal(clock.now()) {
		t.Errorf("got %+v", n)
	}
	made := o.Create("Opportunity", map[string]any{"Name": "New", "StageName": "Proposal", "CloseDate": "2026-12-31"})
	if n := e.until(t, "a new record", func(n connectors.News) bool { return n.Ref.ID == made }); n.Kind != connectors.Created || n.Ours || n.Fields != nil {
		t.Errorf("got %+v", n)
	}
	o.Delete("Opportunity", made)
	e.until(t, "a record that was removed", func(n connectors.News) bool { return n.Ref.ID == made && n.Kind == connectors.Deleted })
}

func TestAGapIsTold(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	e, _ := watch(t, c, place(t, o, c), "Opportunity")
	o.Gap("GAP_UPDATE", "Opportunity", o.Seeded().Opportunity)
	e.until(t, "the gap", func(n connectors.News) bool {
		return n.Kind == connectors.Missed && n.Ref.ID == o.Seeded().Opportunity
	})
	o.Gap("GAP_OVERFLOW", "Opportunity")
	e.until(t, "the overflow", func(n connectors.News) bool { return n.Kind == connectors.Missed && n.Ref.ID == "" })
}

func TestAPlaceThatIsTooOldIsToldAndThenItGoesOn(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	cursor := place(t, o, c)
	o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"Description": "nobody hears of this"})
	o.Expire()
	kept := o.Create("Opportunity", map[string]any{"Name": "Kept", "StageName": "Proposal", "CloseDate": "2026-12-31"})
	e, _ := watch(t, c, cursor, "Opportunity")
	e.until(t, "what was missed", func(n connectors.News) bool { return n.Kind == connectors.Missed && n.Ref.ID == "" })
	e.until(t, "what is kept", func(n connectors.News) bool { return n.Ref.ID == kept })
}

func TestEventsThatComeTwiceAndInAnotherOrderAreKnownAgain(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	cursor := place(t, o, c)
	o.Break(salesforcetest.Faults{Twice: true, Shuffle: true})
	made := map[string]bool{}
	for range 30 {
		made[o.Create("Opportunity", map[string]any{"Name": "x", "StageName": "Proposal", "CloseDate": "2026-12-31"})] = true
	}
	e, stop := watch(t, c, cursor, "Opportunity")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if news, _ := e.heard(); len(news) >= 60 {
			break
		}
		select {
		case <-e.bell:
		case <-time.After(time.Second):
		}
	}
	_ = stop()
	ids, refs := map[string]bool{}, map[string]bool{}
	news, _ := e.heard()
	for _, n := range news {
		ids[n.ID], refs[n.Ref.ID] = true, made[n.Ref.ID]
	}
	if len(news) != 60 || len(ids) != 30 || len(refs) != 30 {
		t.Errorf("told %d times of %d things that happened to %d records", len(news), len(ids), len(refs))
	}
}

func TestAWatchOutlivesTheOrgBeingAway(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	e, _ := watch(t, c, place(t, o, c), "Opportunity")
	o.Away(true)
	made := o.Create("Opportunity", map[string]any{"Name": "x", "StageName": "Proposal", "CloseDate": "2026-12-31"})
	time.Sleep(200 * time.Millisecond) // so that the stream has ended for being away, and not for the token
	o.ExpireTokens()
	o.Away(false)
	e.until(t, "what happened meanwhile", func(n connectors.News) bool { return n.Ref.ID == made })
}

func TestAWatchWithoutAccessEnds(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	cursor := place(t, o, c)
	o.Revoke()
	if err := c.Watch(t.Context(), []string{"Opportunity"}, cursor, func(connectors.News, string) error { return nil }); connectors.TroubleOf(err) != connectors.Expired {
		t.Errorf("got %v", err)
	}
	if err := c.Watch(t.Context(), []string{"Opportunity"}, "nonsense", nil); connectors.TroubleOf(err) != connectors.Refused {
		t.Errorf("with a cursor that is none: %v", err)
	}
}

func TestATypeWithoutChangesEndsTheWatch(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	err := connect(t, o).Watch(t.Context(), []string{"Nobody"}, "", func(connectors.News, string) error { return nil })
	if connectors.TroubleOf(err) != connectors.Refused {
		t.Errorf("got %v", err)
	}
}

func TestAQuietStreamMovesItsCursorOn(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{KeepAlive: 100 * time.Millisecond})
	c := connect(t, o)
	cursor := place(t, o, c)
	e, _ := watch(t, c, cursor, "Opportunity")
	o.Create("Product2", map[string]any{"Name": "of another type"})
	e.until(t, "the sign of life", func(n connectors.News) bool { return n.Kind == connectors.Quiet })
	if _, now := e.heard(); now == cursor {
		t.Error("the cursor stands still")
	}
}

func TestWhoeverListensMayStopTheWatch(t *testing.T) {
	o, _ := org(t, salesforcetest.Options{})
	c := connect(t, o)
	cursor := place(t, o, c)
	o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"Description": "x"})
	enough := errors.New("enough")
	if err := c.Watch(t.Context(), []string{"Opportunity"}, cursor, func(connectors.News, string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}
