package web

import (
	"context"
	"time"

	"chancery/account"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/postgres"
	"chancery/team"
)

// Administration is what teams, their people and their programs are about: what the
// pages around the envelopes read and change.
type Administration interface {
	Trees
	Memberships
	Access
	Endpoints
	Customers
	Connections
	Note(ctx context.Context, chain string, ev envelope.Evidence) error
}

// Trees keeps the teams of an organisation.
type Trees interface {
	Tree(ctx context.Context, organisation string) ([]team.Team, error)
	AddTeam(ctx context.Context, t team.Team, at time.Time) error
	MoveTeam(ctx context.Context, id, parent string) error
	SetKind(ctx context.Context, id string, kind team.Kind, at time.Time) error
	DescribeTeam(ctx context.Context, id, name string, sender envelope.Person) error
	SetPreset(ctx context.Context, id string, emails []string) error
	PresetLeft(ctx context.Context, id string) (int, error)
	AdvanceClock(ctx context.Context, teamID, wish string, by time.Duration) (time.Duration, error)
	Activity(ctx context.Context, teams []string, owner, after string) ([]postgres.Happening, string, error)
}

// Memberships keeps who is in a team.
type Memberships interface {
	Members(ctx context.Context, teamID string) ([]team.Member, error)
	SetMember(ctx context.Context, m team.Member) error
	RemoveMember(ctx context.Context, teamID, userID string) error
	User(ctx context.Context, id string) (account.User, error)
	Users(ctx context.Context, organisation string) ([]account.User, error)
}

// Access keeps API keys, and who asked for them.
type Access interface {
	Keys(ctx context.Context, teamID string) ([]team.Key, error)
	CreateKey(ctx context.Context, k team.Key, hash []byte) error
	RevokeKey(ctx context.Context, teamID, keyID string) error
	Apply(ctx context.Context, a team.Application) error
	Application(ctx context.Context, id string) (team.Application, error)
	Requests(ctx context.Context, teams []string, f postgres.RequestFilter) ([]postgres.Request, string, error)
	CallsSince(ctx context.Context, teamID string, since time.Time) (int, error)
	LastApplication(ctx context.Context, user string) (team.Application, error)
	Applications(ctx context.Context, status team.ApplicationStatus, after string) ([]team.Application, string, error)
}

// Endpoints keeps where events go, and how that went.
type Endpoints interface {
	CreateEndpoint(ctx context.Context, teamID string, e postgres.Endpoint) error
	Endpoints(ctx context.Context, teamID string) ([]postgres.Endpoint, error)
	DeleteEndpoint(ctx context.Context, teamID, id string) error
	EnableEndpoint(ctx context.Context, teamID, id string) error
	RotateSecret(ctx context.Context, teamID, id, secret string, oldUntil time.Time) error
	Deliveries(ctx context.Context, teamID, endpoint, after string, limit int) ([]postgres.Delivery, string, error)
	Logged(ctx context.Context, teamID, endpoint, delivery string) (postgres.Delivery, []byte, error)
	Redeliver(ctx context.Context, teamID, endpoint string, which postgres.Replay) ([]string, error)
}

// Customers keeps what organisations have paid for.
type Customers interface {
	Organisation(ctx context.Context, id string) (team.Organisation, error)
	Subscription(ctx context.Context, organisation string) (team.Subscription, error)
	Subscribe(ctx context.Context, s team.Subscription) error
	Unsubscribe(ctx context.Context, organisation string, at time.Time) error
	Customers(ctx context.Context) ([]postgres.Customer, error)
	Usage(ctx context.Context, organisation string, month time.Time) ([]team.Usage, error)
}

// Connections keeps the systems that a team is connected to, and what comes of them.
type Connections interface {
	Connections(ctx context.Context, teamID string) ([]connectors.Connection, error)
	TeamConnection(ctx context.Context, teamID, id string) (connectors.Connection, error)
	DeleteConnection(ctx context.Context, teamID, id string) error
	Templates(ctx context.Context, teamID string) ([]postgres.Template, error)
	Template(ctx context.Context, teamID, which string) (postgres.Template, error)
	RetireTemplate(ctx context.Context, teamID, id string) error
	Mappings(ctx context.Context, teamID string) ([]mapping.Kept, error)
	TeamMapping(ctx context.Context, teamID, id string) (mapping.Kept, error)
	Journeys(ctx context.Context, teamID string, status connectors.Status, after string, limit int) ([]connectors.Journey, string, error)
	Due(ctx context.Context, journeyID, event string) ([]connectors.WriteBack, error)
}
