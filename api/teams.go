package api

import (
	"context"
	"net/http"
	"time"

	"chancery/envelope"
	"chancery/rate"
	"chancery/team"
)

// Standpoint says who the caller is and what they may do.
type Standpoint struct {
	ID           string   `json:"id" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name         string   `json:"name"`
	Kind         string   `json:"kind" enum:"sandbox,production"`
	Organisation string   `json:"organisation"`
	Sender       Person   `json:"sender" doc:"Who letters come from."`
	Preset       []string `json:"preset,omitempty" doc:"The only addresses a sandbox may send to."`
	Key          Key      `json:"key"`
	Limits       Limits   `json:"limits"`
}

// Key is the API key of this request, without its secret.
type Key struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// Limits are what bounds the caller.
type Limits struct {
	Calls         int   `json:"calls" doc:"In any span of per_seconds, by all keys of the team together."`
	PerSeconds    int   `json:"per_seconds"`
	DocumentBytes int64 `json:"document_bytes"`
	Documents     int   `json:"documents" doc:"In an envelope."`
	Recipients    int   `json:"recipients" doc:"In an envelope."`
	Fields        int   `json:"fields" doc:"In an envelope."`
}

type standpointReply struct{ Body Standpoint }

func (a *api) teamRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/team", ID: "get-team", Tag: "Team", Verb: team.SeeTeam,
		Summary: "Who am I, and what may I do"}, a.standpoint)
}

func (a *api) standpoint(ctx context.Context, _ *struct{}) (*standpointReply, error) {
	who := callerOf(ctx)
	limit := a.limitOf(who.Team)
	return &standpointReply{Standpoint{
		ID: who.Team.ID, Name: who.Team.Name, Kind: string(who.Team.Kind), Organisation: who.Team.Organisation,
		Sender: Person(who.Team.Sender), Preset: who.Team.Preset,
		Key: Key{ID: who.Key.ID, Name: who.Key.Name, CreatedAt: utc(who.Key.CreatedAt)},
		Limits: Limits{
			Calls: limit.Calls, PerSeconds: rate.Seconds(limit.Per), DocumentBytes: a.MaxUpload,
			Documents: envelope.MaxDocuments, Recipients: envelope.MaxRecipients, Fields: envelope.MaxFields,
		},
	}}, nil
}
