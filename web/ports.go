package web

import (
	"context"
	"io"
	"time"

	"chancery/account"
	"chancery/audit"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/integration"
	"chancery/links"
	"chancery/pages"
	"chancery/papers"
	"chancery/postgres"
	"chancery/team"
	"chancery/templates"
)

// Records is what the pages read.
type Records interface {
	EnvelopeByRecipient(ctx context.Context, recipientID string) (envelope.Envelope, error)
	EnvelopeAmong(ctx context.Context, teams []string, id string) (envelope.Envelope, error)
	Trail(ctx context.Context, chain string) ([]audit.Entry, error)
	Team(ctx context.Context, id string) (team.Team, error)

	Session(ctx context.Context, hash []byte, stage account.Stage, at time.Time) (account.Session, account.User, error)
	EndSession(ctx context.Context, userID, sessionID string) error
	ChooseTeam(ctx context.Context, sessionID, teamID string) error
	Actor(ctx context.Context, u account.User, teamID string) (team.Actor, error)
	TeamsOf(ctx context.Context, userID string) ([]team.Team, error)
	TeamByLink(ctx context.Context, id string) (team.Team, error)

	Sessions(ctx context.Context, userID string, at time.Time) ([]account.Session, error)
	EndSessions(ctx context.Context, userID, but string) error
	Organisation(ctx context.Context, id string) (team.Organisation, error)
	Invitations(ctx context.Context, teamID string, at time.Time) ([]account.Invitation, error)
	Uninvite(ctx context.Context, teamID, invitationID string, ev envelope.Evidence) error
}

// Filter chooses envelopes of the list. After is the cursor that the page before gave out.
type Filter struct {
	Status envelope.Status // "" is any
	Owner  string          // "" is anybody
	Tag    string          // "" is any, and none
	After  string
	Limit  int
}

// Desk takes what people answer and wish.
type Desk interface {
	Act(ctx context.Context, act envelope.Act) (envelope.Answer, error)
	Void(ctx context.Context, envelopeID string, w envelope.Void) error
	Redeliver(ctx context.Context, deliveryIDs []string) error
	Advance(ctx context.Context, teamID, wish string, by time.Duration) error
	Resend(ctx context.Context, envelopeID string, w envelope.Resending) error
	Correct(ctx context.Context, envelopeID string, w envelope.Correction) error
}

// Papers hands out documents and keeps pictures of signatures.
type Papers interface {
	Current(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	Final(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	AuditPDF(ctx context.Context, e envelope.Envelope) ([]byte, error)
	KeepPicture(ctx context.Context, envelopeID string, picture []byte) (name string, err error)
	Written(face, name string, initials bool) []byte // SVG
}

// Integration does what a team asks of its connections.
type Integration interface {
	AllSystems() []connectors.System
	System(name string) (connectors.System, error)
	SaveConnection(ctx context.Context, c connectors.Connection) (connectors.Connection, error)
	Compare(ctx context.Context, connectionID string) error
	BringTable(ctx context.Context, m mapping.Kept, table io.Reader, request string) (rows int, err error)
	Address(c connectors.Connection) (address, where string)
	Listener(ctx context.Context, connectionID, token string) (connectors.Connection, error)
	MayTell(ctx context.Context, c connectors.Connection) (wait time.Duration, allowed bool)
	Tell(ctx context.Context, c connectors.Connection, call connectors.Call) (answer, mediaType string, err error)
	Ask(ctx context.Context, c connectors.Connection, back, state string) (address string, a integration.Asking, err error)
	Take(ctx context.Context, a integration.Asking, code string) (connectors.Connection, error)
	Types(ctx context.Context, team, connection string) ([]string, error)
	Describe(ctx context.Context, team, connection, recordType string) (connectors.Schema, error)
	SaveTemplate(ctx context.Context, team, name string, content []byte) (postgres.Template, error)
	Asked(ctx context.Context, team, template string) ([]templates.Token, error)
	Check(ctx context.Context, team, connection string, m mapping.Mapping) ([]mapping.Fault, error)
	Preview(ctx context.Context, m mapping.Kept, recordID string) (integration.Preview, error)
	SaveMapping(ctx context.Context, m mapping.Kept) (mapping.Kept, []mapping.Fault, error)
	Press(ctx context.Context, m mapping.Kept, recordID, request string) (connectors.Journey, error)
	TeamJourney(ctx context.Context, team, journey string) (connectors.Journey, error)
	Retry(ctx context.Context, j connectors.Journey, what integration.Decision) error
}

// Checker judges a document that somebody brings, and keeps nothing of it.
type Checker interface {
	Check(ctx context.Context, file []byte) (papers.Opinion, error)
}

// Pages draws and reads pages of a PDF.
type Pages interface {
	Render(ctx context.Context, f pages.File, page, width int) (pages.Picture, error)
	Text(ctx context.Context, f pages.File, page int) ([]pages.Line, error)
}

// Links opens and mints capability links.
type Links interface {
	Open(purpose links.Purpose, token string, now time.Time) (links.Link, error)
	Mint(link links.Link) string
}

// Purposes of the links that only this package opens.
const (
	Dashboard      links.Purpose = "b" // a team's dashboard; also the cookie
	uploadedByThem links.Purpose = "p" // a picture that this very recipient uploaded
)

// DashboardLink is the link that opens a team's dashboard until then, at
// /dashboard/open/{token}.
func DashboardLink(teamID string, until time.Time) links.Link {
	return links.Link{Purpose: Dashboard, Subject: teamID, Expires: until}
}
