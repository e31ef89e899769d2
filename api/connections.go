package api

import (
	"context"
	"net/http"
	"time"

	"chancery/connectors"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

// SystemSetting is something that a connection to a system must be told.
type SystemSetting struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Help     string   `json:"help,omitempty"`
	Secret   bool     `json:"secret" doc:"It is kept encrypted and never shown again."`
	Optional bool     `json:"optional"`
	Choices  []string `json:"choices,omitempty"`
}

// ConnectedSystem is one that the hub can be connected to.
type ConnectedSystem struct {
	Name     string          `json:"name" example:"salesforce"`
	Title    string          `json:"title" example:"Salesforce"`
	Settings []SystemSetting `json:"settings" nullable:"false"`
}

// SystemList is all of them.
type SystemList struct {
	Systems []ConnectedSystem `json:"systems" nullable:"false"`
}

// NewConnection is an account in a system.
type NewConnection struct {
	System   string            `json:"system" example:"salesforce"`
	Name     string            `json:"name" example:"Our Salesforce"`
	Settings map[string]string `json:"settings" doc:"By the names of the system's settings. A secret that is left out stays as it was."`
}

// Connection is an account in a system, without its secrets.
type Connection struct {
	ID        string            `json:"id" example:"con_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	System    string            `json:"system"`
	Name      string            `json:"name"`
	Settings  map[string]string `json:"settings" doc:"Those that are not secret."`
	As        string            `json:"as,omitempty" doc:"Whom the credentials speak as."`
	Trouble   string            `json:"trouble,omitempty" doc:"What is wrong with it."`
	CreatedAt time.Time         `json:"created_at"`
	TestedAt  time.Time         `json:"tested_at,omitzero"`
	News      string            `json:"news,omitempty" doc:"The address at which the system may tell of its records; it is a secret between the two."`
	NewsWhere string            `json:"news_where,omitempty" doc:"Where to enter that address."`
	Compared  *Comparison       `json:"compared,omitempty" doc:"The last comparison of its records with their envelopes; one is made every day."`
}

// Comparison is what came of comparing records with what their envelopes have come to.
type Comparison struct {
	At       time.Time `json:"at"`
	Repaired int       `json:"repaired" doc:"Write-backs that were lost on the way, and made now."`
	Stuck    int       `json:"stuck" doc:"Such write-backs that need somebody: see the journeys."`
	Same     int       `json:"same" doc:"Records that say what was written."`
	Drifted  int       `json:"drifted" doc:"Records that say something else: somebody must decide, see the journeys."`
	Unread   int       `json:"unread" doc:"Records that are gone, or cannot be read any more."`
}

// ConnectionList is all of a team's connections.
type ConnectionList struct {
	Connections []Connection `json:"connections" nullable:"false"`
}

// ConnectionPath names a connection.
type ConnectionPath struct {
	ID string `path:"id" example:"con_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

// RecordTypes are the types of records that a system has.
type RecordTypes struct {
	Types []string `json:"types" nullable:"false"`
}

// RecordField is a field of a type of record.
type RecordField struct {
	Name     string   `json:"name,omitempty"`
	Label    string   `json:"label,omitempty"`
	Kind     string   `json:"kind"`
	Writable bool     `json:"writable"`
	Choices  []string `json:"choices,omitempty"`
	Related  string   `json:"related,omitempty" doc:"The name by which a path goes on into another record."`
	Refers   string   `json:"refers,omitempty" doc:"The type of that record."`
	Many     bool     `json:"many,omitempty" doc:"There may be several."`
}

// RecordType is what a system tells of a type of record.
type RecordType struct {
	Type   string        `json:"type"`
	Label  string        `json:"label,omitempty"`
	Fields []RecordField `json:"fields" nullable:"false"`
}

func (a *api) connectionRoutes() {
	const all, one = "/v1/connections", "/v1/connections/{id}"
	serve(a, route{Method: http.MethodGet, Path: "/v1/systems", ID: "list-systems", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List the systems that can be connected"}, a.listSystems)
	serve(a, route{Method: http.MethodGet, Path: all, ID: "list-connections", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List connections"}, a.listConnections)
	serve(a, route{Method: http.MethodPost, Path: all, ID: "create-connection", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusCreated,
		Summary: "Connect a system", Doc: "The credentials are tried first; those that the system does not take are not kept."}, a.createConnection)
	serve(a, route{Method: http.MethodGet, Path: one, ID: "get-connection", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Look at a connection"}, a.getConnection)
	serve(a, route{Method: http.MethodPut, Path: one, ID: "replace-connection", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Change a connection", Doc: "Tried first, like a new one."}, a.replaceConnection)
	serve(a, route{Method: http.MethodDelete, Path: one, ID: "delete-connection", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusNoContent,
		Summary: "Remove a connection that no mapping has used"}, a.deleteConnection)
	serve(a, route{Method: http.MethodPost, Path: one + "/compare", ID: "compare-connection", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusAccepted,
		Summary: "Compare records with their envelopes now",
		Doc:     "As it is done every day: what was lost on the way is written, and where somebody has changed what was written the journey needs attention. The connection tells what came of it."}, a.compareConnection)
	serve(a, route{Method: http.MethodGet, Path: one + "/types", ID: "list-record-types", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List the types of records in the system"}, a.listTypes)
	serve(a, route{Method: http.MethodGet, Path: one + "/types/{type}", ID: "get-record-type", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List the fields of a type of record"}, a.getType)
}

func (a *api) listSystems(context.Context, *struct{}) (*struct{ Body SystemList }, error) {
	return &struct{ Body SystemList }{SystemList{each(a.Integration.AllSystems(), systemShown)}}, nil
}

func systemShown(s connectors.System) ConnectedSystem {
	return ConnectedSystem{s.Name, s.Title, each(s.Asked(), func(one connectors.Setting) SystemSetting {
		return SystemSetting{one.Name, one.Title, one.Help, one.Secret, one.Optional, one.Choices}
	})}
}

func (a *api) connectionShown(c connectors.Connection) Connection {
	shown := Connection{ID: c.ID, System: c.System, Name: c.Name, As: c.As, Trouble: c.Trouble, CreatedAt: utc(c.CreatedAt), TestedAt: utc(c.TestedAt), Settings: map[string]string{}}
	if system, err := a.Integration.System(c.System); err == nil {
		shown.Settings = system.Shown(c.Settings)
	}
	shown.News, shown.NewsWhere = a.Integration.Address(c)
	if found := c.Compared; !found.At.IsZero() {
		shown.Compared = &Comparison{utc(found.At), found.Repaired, found.Stuck, found.Same, found.Drifted, found.Unread}
	}
	return shown
}

func (a *api) listConnections(ctx context.Context, _ *struct{}) (*struct{ Body ConnectionList }, error) {
	found, err := a.Records.Connections(ctx, callerOf(ctx).Team.ID)
	return &struct{ Body ConnectionList }{ConnectionList{each(found, a.connectionShown)}}, err
}

type connectionReply struct{ Body Connection }

type newConnectionInput struct{ Body NewConnection }

func (a *api) createConnection(ctx context.Context, in *newConnectionInput) (*connectionReply, error) {
	return a.saveConnection(ctx, "", in.Body)
}

type replaceConnectionInput struct {
	ConnectionPath
	Body NewConnection
}

func (a *api) replaceConnection(ctx context.Context, in *replaceConnectionInput) (*connectionReply, error) {
	if _, err := a.connection(ctx, in.ID); err != nil {
		return nil, err
	}
	return a.saveConnection(ctx, in.ID, in.Body)
}

func (a *api) saveConnection(ctx context.Context, connectionID string, said NewConnection) (*connectionReply, error) {
	saved, err := a.Integration.SaveConnection(ctx, connectors.Connection{
		ID: connectionID, Team: callerOf(ctx).Team.ID, System: said.System, Name: said.Name, Settings: said.Settings,
	})
	if err != nil {
		return nil, err
	}
	a.noteTeam(ctx, "connection.saved", map[string]string{"connection": saved.ID})
	return &connectionReply{a.connectionShown(saved)}, nil
}

var errNoConnection = problem.Missing("connection_missing", "There is no such connection.")

func (a *api) connection(ctx context.Context, wanted string) (connectors.Connection, error) {
	if !id.Is(id.Connection, wanted) {
		return connectors.Connection{}, errNoConnection
	}
	return a.Records.TeamConnection(ctx, callerOf(ctx).Team.ID, wanted)
}

func (a *api) getConnection(ctx context.Context, in *ConnectionPath) (*connectionReply, error) {
	c, err := a.connection(ctx, in.ID)
	return &connectionReply{a.connectionShown(c)}, err
}

func (a *api) deleteConnection(ctx context.Context, in *ConnectionPath) (*struct{}, error) {
	c, err := a.connection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Records.DeleteConnection(ctx, c.Team, c.ID); err != nil {
		return nil, err
	}
	a.noteTeam(ctx, "connection.deleted", map[string]string{"connection": c.ID})
	return nil, nil
}

func (a *api) compareConnection(ctx context.Context, in *ConnectionPath) (*connectionReply, error) {
	c, err := a.connection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Integration.Compare(ctx, c.ID); err != nil {
		return nil, err
	}
	return &connectionReply{a.connectionShown(c)}, nil
}

func (a *api) listTypes(ctx context.Context, in *ConnectionPath) (*struct{ Body RecordTypes }, error) {
	c, err := a.connection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	types, err := a.Integration.Types(ctx, c.Team, c.ID)
	return &struct{ Body RecordTypes }{RecordTypes{append([]string{}, types...)}}, err
}

type recordTypePath struct {
	ConnectionPath
	Type string `path:"type" maxLength:"200" example:"Opportunity"`
}

func (a *api) getType(ctx context.Context, in *recordTypePath) (*struct{ Body RecordType }, error) {
	c, err := a.connection(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	schema, err := a.Integration.Describe(ctx, c.Team, c.ID, in.Type)
	return &struct{ Body RecordType }{RecordType{Type: schema.Type, Label: schema.Label, Fields: each(schema.Fields, func(f connectors.Field) RecordField {
		return RecordField{Name: f.Name, Label: f.Label, Kind: string(f.Kind), Writable: f.Writable, Choices: f.Choices, Related: f.Related, Refers: f.Refers, Many: f.Many}
	})}}, err
}
