package api

import (
	"context"
	"io"
	"time"

	"chancery/audit"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/integration"
	"chancery/papers"
	"chancery/postgres"
	"chancery/team"
	"chancery/templates"
)

// Desk asks an envelope's workflow: the one writer of an envelope that is sent.
type Desk interface {
	Send(ctx context.Context, envelopeID string, by envelope.Actor, origin envelope.Origin) error
	Void(ctx context.Context, envelopeID string, w envelope.Void) error
	Correct(ctx context.Context, envelopeID string, w envelope.Correction) error
	Resend(ctx context.Context, envelopeID string, w envelope.Resending) error
	// Advance lets the envelopes of a team follow its clock, which the wish puts forward.
	Advance(ctx context.Context, teamID, wish string, by time.Duration) error
	Redeliver(ctx context.Context, deliveryIDs []string) error
}

// Papers keeps documents and hands them out.
type Papers interface {
	// Accept stores an upload of at most limit bytes and looks into it. What is no
	// PDF we can sign is a problem. The password opens an encrypted one.
	Accept(ctx context.Context, name, password string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error)
	Current(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	Final(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	AuditPDF(ctx context.Context, e envelope.Envelope) ([]byte, error)
	// Check judges a file that somebody brings, and keeps nothing of it.
	Check(ctx context.Context, file []byte) (papers.Opinion, error)
}

// Links makes addresses of the signing page.
type Links interface {
	// SigningURL lets pages of origin show the page in a frame; "" lets nobody.
	SigningURL(e envelope.Envelope, r envelope.Recipient, lifetime time.Duration, origin string) string
}

// Records is what the API reads and writes by itself. Everything that belongs to
// another team is answered like something that is not there.
type Records interface {
	Teams
	Documents
	Envelopes
	Endpoints
	Replies
	Log
	Connectors
}

// Teams finds who speaks.
type Teams interface {
	TeamByKey(ctx context.Context, hash []byte) (team.Bearer, error)
	GoesBy(ctx context.Context, user, name string) (bool, error)
	Team(ctx context.Context, id string) (team.Team, error)
	Usage(ctx context.Context, organisation string, month time.Time) ([]team.Usage, error)
	AdvanceClock(ctx context.Context, teamID, wish string, by time.Duration) (time.Duration, error)
	Subscription(ctx context.Context, organisation string) (team.Subscription, error)
	Tree(ctx context.Context, organisation string) ([]team.Team, error)
	SetPreset(ctx context.Context, team string, emails []string) error
}

// Documents keeps what was uploaded.
type Documents interface {
	AddDocument(ctx context.Context, team string, d envelope.Document, upload envelope.Revision) error
	Document(ctx context.Context, teams []string, id string) (d envelope.Document, team string, err error)
}

// Envelopes keeps drafts and shows envelopes.
type Envelopes interface {
	CreateDraft(ctx context.Context, e envelope.Envelope, ev envelope.Evidence) error
	SaveDraft(ctx context.Context, e envelope.Envelope) error
	DeleteDraft(ctx context.Context, team, id string) error
	EnvelopeAmong(ctx context.Context, teams []string, id string) (envelope.Envelope, error)
	Envelopes(ctx context.Context, teams []string, f postgres.Filter) ([]envelope.Envelope, string, error)
	Events(ctx context.Context, teams []string, owner, after string, limit int) ([]postgres.StoredEvent, string, error)
	Trail(ctx context.Context, chain string) ([]audit.Entry, error)
	Note(ctx context.Context, chain string, ev envelope.Evidence) error
}

// Endpoints keeps where events go, and how that went.
type Endpoints interface {
	CreateEndpoint(ctx context.Context, team string, e postgres.Endpoint) error
	Endpoints(ctx context.Context, team string) ([]postgres.Endpoint, error)
	EndpointAmong(ctx context.Context, teams []string, id string) (postgres.Endpoint, error)
	DeleteEndpoint(ctx context.Context, team, id string) error
	EnableEndpoint(ctx context.Context, team, id string) error
	RotateSecret(ctx context.Context, team, id, secret string, oldUntil time.Time) error
	Deliveries(ctx context.Context, team, endpoint, after string, limit int) ([]postgres.Delivery, string, error)
	Logged(ctx context.Context, team, endpoint, delivery string) (postgres.Delivery, []byte, error)
	Redeliver(ctx context.Context, team, endpoint string, which postgres.Replay) ([]string, error)
}

// Log tells what was asked of the API.
type Log interface {
	Requests(ctx context.Context, teams []string, f postgres.RequestFilter) ([]postgres.Request, string, error)
}

// Replies keeps what was answered to requests that must not take effect twice.
type Replies interface {
	Claim(ctx context.Context, team, key string, fingerprint []byte) (*postgres.StoredReply, bool, error)
	Answer(ctx context.Context, team, key string, reply postgres.StoredReply) error
	Release(ctx context.Context, team, key string) error
}

// Connectors is what is kept of connections, mappings and journeys.
type Connectors interface {
	Connections(ctx context.Context, team string) ([]connectors.Connection, error)
	TeamConnection(ctx context.Context, team, id string) (connectors.Connection, error)
	DeleteConnection(ctx context.Context, team, id string) error
	Templates(ctx context.Context, team string) ([]postgres.Template, error)
	Template(ctx context.Context, team, which string) (postgres.Template, error)
	RetireTemplate(ctx context.Context, team, id string) error
	Mappings(ctx context.Context, team string) ([]mapping.Kept, error)
	TeamMapping(ctx context.Context, team, id string) (mapping.Kept, error)
	Journeys(ctx context.Context, team string, status connectors.Status, after string, limit int) ([]connectors.Journey, string, error)
	Due(ctx context.Context, journey, event string) ([]connectors.WriteBack, error)
}

// Integration does what a team asks of its connections.
type Integration interface {
	AllSystems() []connectors.System
	System(name string) (connectors.System, error)
	SaveConnection(ctx context.Context, c connectors.Connection) (connectors.Connection, error)
	Compare(ctx context.Context, connectionID string) error
	Address(c connectors.Connection) (address, where string)
	Types(ctx context.Context, team, connection string) ([]string, error)
	Describe(ctx context.Context, team, connection, recordType string) (connectors.Schema, error)
	Check(ctx context.Context, team, connection string, m mapping.Mapping) ([]mapping.Fault, error)
	SaveMapping(ctx context.Context, m mapping.Kept) (mapping.Kept, []mapping.Fault, error)
	Preview(ctx context.Context, m mapping.Kept, recordID string) (integration.Preview, error)
	Press(ctx context.Context, m mapping.Kept, recordID, request string) (connectors.Journey, error)
	Bring(ctx context.Context, m mapping.Kept, record map[string]any, request string) (connectors.Journey, error)
	TeamJourney(ctx context.Context, team, journey string) (connectors.Journey, error)
	SaveTemplate(ctx context.Context, team, name string, content []byte) (postgres.Template, error)
	Asked(ctx context.Context, team, template string) ([]templates.Token, error)
	Retry(ctx context.Context, j connectors.Journey, what integration.Decision) error
}
