package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"chancery/envelope"
	"chancery/problem"
	"chancery/rate"
	"chancery/team"
)

// Standpoint says who the caller is and what they may do.
type Standpoint struct {
	ID           string   `json:"id" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name         string   `json:"name"`
	Kind         string   `json:"kind" enum:"sandbox,production"`
	Organisation string   `json:"organisation"`
	Region       string   `json:"region,omitempty" example:"eu" doc:"Where the organisation's data lies."`
	Level        string   `json:"level" enum:"administrator,team_create,team_send,own_create,own_send,team_read" doc:"What the person whose key it is may do."`
	User         string   `json:"user,omitempty" doc:"The person whose key it is; left out when it belongs to nobody."`
	Sender       Person   `json:"sender" doc:"Who letters come from."`
	Preset       []string `json:"preset,omitempty" doc:"The only addresses a sandbox may send to."`
	Key          Key      `json:"key"`
	Limits       Limits   `json:"limits"`
}

// Key is the API key of this request, without its secret.
type Key struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Scopes    []string  `json:"scopes" nullable:"false" doc:"What it is good for: read, create, send, webhooks, team. Empty: all that the person may do."`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
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
	serve(a, route{Method: http.MethodGet, Path: "/v1/teams", ID: "list-teams", Tag: "Team", Verb: team.SeeTeam,
		Summary: "See the key's own team and those below it"}, a.listTeams)
	serve(a, route{Method: http.MethodGet, Path: "/v1/team/preset", ID: "get-preset", Tag: "Team", Verb: team.ManageTeam,
		Summary: "See where a sandbox may send to"}, a.preset)
	serve(a, route{Method: http.MethodPut, Path: "/v1/team/preset", ID: "set-preset", Tag: "Team", Verb: team.ManageTeam,
		Summary: "Say where a sandbox may send to", Doc: "At most five addresses, and in thirty days at most ten new ones."}, a.setPreset)
}

func (a *api) standpoint(ctx context.Context, _ *struct{}) (*standpointReply, error) {
	who := callerOf(ctx)
	limit := a.limitOf(who.Team)
	return &standpointReply{Standpoint{
		ID: who.Team.ID, Name: who.Team.Name, Kind: string(who.Team.Kind), Organisation: who.Team.Organisation, Region: a.Region,
		Level: string(who.Actor.Level), User: who.Key.User,
		Sender: Person(who.Team.Sender), Preset: who.Team.Preset,
		Key: keyShown(who.Key),
		Limits: Limits{
			Calls: limit.Calls, PerSeconds: rate.Seconds(limit.Per), DocumentBytes: a.MaxUpload,
			Documents: envelope.MaxDocuments, Recipients: envelope.MaxRecipients, Fields: envelope.MaxFields,
		},
	}}, nil
}

func keyShown(k team.Key) Key {
	return Key{
		ID: k.ID, Name: k.Name, CreatedAt: utc(k.CreatedAt), ExpiresAt: utc(k.ExpiresAt),
		Scopes: each(k.Scopes, func(s team.Scope) string { return string(s) }),
	}
}

// Team is one with those below it.
type Team struct {
	ID       string `json:"id" example:"tm_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name     string `json:"name"`
	Kind     string `json:"kind" enum:"sandbox,production"`
	Children []Team `json:"children" nullable:"false" doc:"It oversees them."`
}

func (a *api) listTeams(ctx context.Context, _ *struct{}) (*struct{ Body Team }, error) {
	who := callerOf(ctx)
	all, err := a.Records.Tree(ctx, who.Team.Organisation)
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	seen := slices.DeleteFunc(all, func(t team.Team) bool { return allow(ctx, t.ID, who.Actor.ID, errNoTeam) != nil })
	return &struct{ Body Team }{treeShown(who.Team, seen)}, nil
}

func treeShown(root team.Team, all []team.Team) Team {
	shown := Team{ID: root.ID, Name: root.Name, Kind: string(root.Kind), Children: []Team{}}
	for _, t := range all {
		if t.Parent == root.ID {
			shown.Children = append(shown.Children, treeShown(t, all))
		}
	}
	return shown
}

// Preset are the only addresses that a sandbox may send to.
type Preset struct {
	Preset []string `json:"preset" nullable:"false" maxItems:"20" example:"[\"ada@example.com\"]" doc:"At most five bare addresses."`
}

type presetReply struct{ Body Preset }

var errNoPreset = problem.Conflict("preset_sandbox_only", "Only a sandbox team has preset addresses; a production team may send to anybody.")

func (a *api) preset(ctx context.Context, _ *struct{}) (*presetReply, error) {
	who := callerOf(ctx)
	if !who.Team.Test() {
		return nil, errNoPreset
	}
	return &presetReply{Preset{append([]string{}, who.Team.Preset...)}}, nil
}

func (a *api) setPreset(ctx context.Context, in *presetReply) (*presetReply, error) {
	who := callerOf(ctx)
	if !who.Team.Test() {
		return nil, errNoPreset
	}
	if err := a.Records.SetPreset(ctx, who.Team.ID, in.Body.Preset); err != nil {
		return nil, fmt.Errorf("set preset addresses: %w", err)
	}
	a.noteTeam(ctx, "team.preset_set", map[string]string{"addresses": strconv.Itoa(len(in.Body.Preset))})
	return in, nil
}
