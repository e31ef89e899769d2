package hub

import (
	"context"
	"crypto/rand"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

// CreateTeam makes a team, in the hub's one organisation, with its first key.
// The key is shown this once: only its hash is kept.
func (h *Hub) CreateTeam(ctx context.Context, t team.Team) (team.Team, string, error) {
	if !t.Kind.Valid() || t.Name == "" {
		return t, "", problem.Invalid("team_invalid", "A team needs a name and a kind: sandbox or production.")
	}
	if err := team.CheckPreset(t.Preset); err != nil {
		return t, "", err
	}
	organisation, err := h.organisation(ctx)
	if err != nil {
		return t, "", err
	}
	t.ID, t.Organisation = id.New(id.Team), organisation
	t.Sender = h.sender(t)
	// Whoever runs the hub owes nobody for what they send themselves.
	if err := h.Store.GrantFairUse(ctx, organisation); err != nil {
		return t, "", err
	}
	if err := h.Store.CreateTeam(ctx, t); err != nil {
		return t, "", err
	}
	_, key, err := h.CreateKey(ctx, t.ID, "first key")
	return t, key, err
}

// sender of the team's letters when nobody has said who it is.
func (h *Hub) sender(t team.Team) envelope.Person {
	sender := t.Sender
	if sender.Name == "" {
		sender.Name = t.Name
	}
	if sender.Email == "" {
		sender.Email = h.config.MailFrom
	}
	return sender
}

// organisation of all teams: there is one until people can sign up.
func (h *Hub) organisation(ctx context.Context) (string, error) {
	made, err := h.Store.Secret(ctx, "organisation", func() ([]byte, error) {
		o := team.Organisation{ID: id.New(id.Organisation), Name: h.config.Organisation, Region: h.config.region()}
		return []byte(o.ID), h.Store.CreateOrganisation(ctx, o)
	})
	return string(made), err
}

// CreateKey makes an API key of a team and notes it in the team's evidence. What
// is shown of it is shown this once.
func (h *Hub) CreateKey(ctx context.Context, teamID, name string) (made team.Key, shown string, err error) {
	t, err := h.Store.Team(ctx, teamID)
	if err != nil {
		return made, "", err
	}
	shown, hash, err := team.NewKey(t.Kind, h.config.region(), rand.Reader)
	if err != nil {
		return made, "", err
	}
	made = team.Key{ID: id.New(id.Key), Team: t.ID, Name: name}
	if err := h.Store.CreateKey(ctx, made, hash); err != nil {
		return made, "", err
	}
	noted := envelope.Evidence{Kind: "key.created", By: envelope.Hub, Detail: map[string]string{"key": made.ID}}
	return made, shown, h.Store.Note(ctx, t.ID, noted)
}
