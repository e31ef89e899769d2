package postgres_test

import (
	"slices"
	"testing"
	"time"

	"chancery/activities"
	"chancery/envelope"
)

func TestAnEnvelopeIsStrandedUntilItsChangesAreAnnounced(t *testing.T) {
	s := newScene(t)
	one := s.send(t, s.draft)
	two := s.send(t, s.newDraft(t, s.team))
	stranded := func(before time.Time) []string {
		t.Helper()
		ids, err := s.Stranded(ctx, before)
		must(t, err)
		return ids
	}
	if ids := stranded(noon); len(ids) != 0 {
		t.Errorf("%q are stranded before anything was done", ids)
	}
	later := noon.Add(time.Minute)
	if ids := stranded(later); len(ids) != 2 {
		t.Errorf("%q are stranded, want both", ids)
	}
	must(t, s.Announced(ctx, one.ID, []string{envelope.ChangeSend}))
	if ids := stranded(later); !slices.Equal(ids, []string{two.ID}) {
		t.Errorf("%q are stranded, want the second", ids)
	}
	must(t, s.Announced(ctx, two.ID, []string{activities.Everything}))
	if ids := stranded(later); len(ids) != 0 {
		t.Errorf("%q are stranded, want none", ids)
	}
}
