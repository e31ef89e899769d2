package postgres_test

import (
	"testing"
	"time"

	"chancery/envelope"
	"chancery/team"
)

const day = 24 * time.Hour

func TestAClockIsPutForwardOnceForEachWish(t *testing.T) {
	s := newScene(t)
	for _, err := range atOnce(20, func(int) error { _, err := s.AdvanceClock(ctx, s.team.ID, "clk_1", 5*day); return err }) {
		must(t, err)
	}
	if ahead, err := s.AdvanceClock(ctx, s.team.ID, "clk_2", 90*time.Minute); err != nil || ahead != 5*day+90*time.Minute {
		t.Errorf("the clock is ahead by %s, %v", ahead, err)
	}
	if e := s.read(t, s.draft.ID); e.Ahead != 5*day+90*time.Minute || !e.Clock(noon).Equal(noon.Add(e.Ahead)) {
		t.Errorf("the envelope's clock is ahead by %s", e.Ahead)
	}
}

func TestAClockGoesAYearAheadAndOnlyInASandbox(t *testing.T) {
	s := newScene(t)
	for _, by := range []time.Duration{-day, 0, time.Millisecond, team.MaxAhead + 1} {
		_, err := s.AdvanceClock(ctx, s.team.ID, "clk_odd", by)
		mustBe(t, err, "clock_advance_invalid")
	}
	_, err := s.AdvanceClock(ctx, s.team.ID, "clk_all", team.MaxAhead)
	must(t, err)
	_, err = s.AdvanceClock(ctx, s.team.ID, "clk_more", day)
	mustBe(t, err, "clock_advance_invalid")
	_, err = s.AdvanceClock(ctx, "tm_none", "clk_none", day)
	mustBe(t, err, "team_missing")
	s.owner(t, `update teams set kind = 'production', ahead = '0' where id = $1`, s.team.ID)
	_, err = s.AdvanceClock(ctx, s.team.ID, "clk_earnest", day)
	mustBe(t, err, "clock_sandbox_only")
}

// What proves something has the real time; what the envelope lives by has its own.
func TestEvidenceOfAnAdvancedEnvelopeHasTheRealTime(t *testing.T) {
	s := newScene(t)
	_, err := s.AdvanceClock(ctx, s.team.ID, "clk_1", 5*day)
	must(t, err)
	draft := s.read(t, s.draft.ID)
	change, err := draft.Send(sam, envelope.Origin{}, draft.Clock(noon))
	must(t, err)
	must(t, s.Commit(ctx, change))
	sent := s.read(t, draft.ID)
	if !sent.SentAt.Equal(noon.Add(5*day)) || !sent.ExpiresAt.Equal(noon.Add(5*day+draft.Lifetime)) {
		t.Errorf("sent at %s, expires at %s", sent.SentAt, sent.ExpiresAt)
	}
	trail, err := s.Trail(ctx, sent.ID)
	must(t, err)
	for _, line := range trail {
		if !line.At.Equal(noon) {
			t.Errorf("%s is noted at %s", line.Kind, line.At)
		}
	}
	out, err := s.Untold(ctx, sent.ID, []string{"send"})
	must(t, err)
	if len(out.Letters) != 1 || !out.Letters[0].Written.Equal(noon) {
		t.Errorf("letters: %+v", out.Letters)
	}
	events, _, err := s.Events(ctx, []string{sent.Team}, "", "", 10)
	must(t, err)
	for _, e := range events {
		if !e.At.Equal(noon) {
			t.Errorf("event %s has %s", e.ID, e.At)
		}
	}
}

func TestRunningEnvelopesAreFoundPageByPage(t *testing.T) {
	s := newScene(t)
	want := map[string]bool{}
	for range 5 {
		want[s.send(t, s.newDraft(t, s.team)).ID] = true
	}
	s.send(t, s.newDraft(t, s.newTeam(t)))
	last, pages := "", 0
	for {
		found, err := s.Running(ctx, s.team.ID, last, 2)
		must(t, err)
		if len(found) == 0 {
			break
		}
		for _, one := range found {
			delete(want, one)
		}
		last, pages = found[len(found)-1], pages+1
	}
	if len(want) != 0 || pages != 3 {
		t.Errorf("%d were not found on %d pages", len(want), pages)
	}
}
