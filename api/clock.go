package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"chancery/id"
	"chancery/team"
)

// Clock is the test clock of a sandbox. Its envelopes are reminded and expire by it;
// signatures, evidence and letters have the real time.
type Clock struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead" example:"120h0m0s" doc:"Of the real time."`
}

// Advance puts the test clock forward.
type Advance struct {
	Advance string `json:"advance" example:"120h" doc:"By how much, as hours, minutes and seconds; 366 days at most, in all."`
}

type clockReply struct{ Body Clock }

func (a *api) clockRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/team/clock", ID: "get-clock", Tag: "Team", Verb: team.SeeTeam,
		Summary: "What time it is for the team's envelopes"}, a.clock)
	serve(a, route{Method: http.MethodPost, Path: "/v1/team/clock", ID: "advance-clock", Tag: "Team", Verb: team.ManageTeam,
		Summary: "Put the test clock of a sandbox forward", Doc: "Reminders and expiry that lie in between happen now. It cannot be put back."}, a.advanceClock)
}

func (a *api) clockShown(ahead time.Duration) *clockReply {
	return &clockReply{Clock{Now: utc(a.Now().Add(ahead)), Ahead: ahead.String()}}
}

func (a *api) clock(ctx context.Context, _ *struct{}) (*clockReply, error) {
	return a.clockShown(callerOf(ctx).Team.Ahead), nil
}

type advanceInput struct{ Body Advance }

// advanceClock leaves it to a branch of its own before it does the same here for the
// answer: whichever comes first, it is done once, and all envelopes hear of it.
func (a *api) advanceClock(ctx context.Context, in *advanceInput) (*clockReply, error) {
	by, err := durationOf(in.Body.Advance, "advance")
	if err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	// How far ahead it is already is looked at once: this very wish may have put it there.
	if _, err := (team.Team{Kind: who.Team.Kind}).Advance(by); err != nil {
		return nil, err
	}
	wish := newID(ctx, id.Advance)
	if err := a.Desk.Advance(ctx, who.Team.ID, wish, by); err != nil {
		return nil, fmt.Errorf("advance clock of team %s: %w", who.Team.ID, err)
	}
	ahead, err := a.Records.AdvanceClock(ctx, who.Team.ID, wish, by)
	if err != nil {
		return nil, err
	}
	return a.clockShown(ahead), nil
}
