// Package integration is what a team does with its connections, templates, mappings
// and journeys, for the API, the pages and the command line alike. What a journey
// does by itself is in activities; this is what people and programs ask for.
package integration

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/postgres"
	"chancery/problem"
	"chancery/rate"
)

// Desk answers what a team asks. All of its fields are needed.
type Desk struct {
	Records  Records
	Cupboard Cupboard
	Drawing  *Drawing
	Systems  map[string]connectors.System
	HTTP     *http.Client // reaches no private addresses
	Clerk    *activities.Clerk
	Later    Later
	Links    Links
	Calls    rate.Window // of the calls by which systems tell news
	Public   string      // the hub's own address, which systems call
	Now      func() time.Time
}

// Records is what is kept.
type Records interface {
	SaveConnection(ctx context.Context, c connectors.Connection) error
	TeamConnection(ctx context.Context, teamID, id string) (connectors.Connection, error)
	Connections(ctx context.Context, teamID string) ([]connectors.Connection, error)
	DeleteConnection(ctx context.Context, teamID, id string) error
	ConnectionByLink(ctx context.Context, id string) (connectors.Connection, error)
	WatchedTypes(ctx context.Context, connectionID string) ([]string, error)

	SaveMapping(ctx context.Context, m mapping.Kept) (mapping.Kept, error)
	TeamMapping(ctx context.Context, teamID, id string) (mapping.Kept, error)
	Mappings(ctx context.Context, teamID string) ([]mapping.Kept, error)

	Journey(ctx context.Context, id string) (connectors.Journey, error)
	Journeys(ctx context.Context, teamID string, status connectors.Status, after string, limit int) ([]connectors.Journey, string, error)
	AddTemplate(ctx context.Context, t postgres.Template) error

	Due(ctx context.Context, journeyID, event string) ([]connectors.WriteBack, error)
	Rebase(ctx context.Context, journeyID string, now connectors.Baseline) error
	Forgo(ctx context.Context, journeyID string) error
}

// Later starts what goes on by itself.
type Later interface {
	Go(ctx context.Context, journeyID string) error
	WriteBack(ctx context.Context, b activities.Back) error
	Watch(ctx context.Context, connectionID string, recordTypes []string) error
	// Survey keeps the schedule of a mapping, or ends it where it has none.
	Survey(ctx context.Context, s mapping.Survey) error
	// Reconcile compares the records of a connection with its envelopes.
	Reconcile(ctx context.Context, connectionID string) error
	// Hear takes up what a system has told; once it returns, nothing of it is lost.
	Hear(ctx context.Context, told activities.Told) error
}

// AllSystems are the systems that the hub knows, by title.
func (d *Desk) AllSystems() []connectors.System {
	var all []connectors.System
	for _, s := range d.Systems {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b connectors.System) int { return strings.Compare(a.Title, b.Title) })
	return all
}

var errNoSystem = problem.Invalid("system_unknown", "There is no connector for this system.").At("system")

// System of that name.
func (d *Desk) System(name string) (connectors.System, error) {
	s, known := d.Systems[name]
	if !known {
		return s, errNoSystem
	}
	return s, nil
}

// said turns a system's refusal into a problem, in the system's own words.
func said(err error, field string) error {
	f, is := connectors.FailureOf(err)
	if !is {
		return err
	}
	words := f.Said()
	switch f.Trouble {
	case connectors.Busy:
		return problem.Away("system_unavailable", "The system cannot be reached or does not answer: "+words).Because(err)
	case connectors.Throttled:
		return problem.Limited("system_throttles", "The system asks us to wait: "+words).Because(err)
	case connectors.Gone:
		return problem.Invalid("record_missing", "The system has no such record: "+words).At("%s", field).Because(err)
	}
	return problem.Invalid("system_refuses", "The system says: "+words).At("%s", field).Because(err)
}

// reader opens a team's connection.
func (d *Desk) reader(ctx context.Context, teamID, connectionID string) (connectors.Reader, error) {
	c, err := d.Records.TeamConnection(ctx, teamID, connectionID)
	if err != nil {
		return nil, err
	}
	system, err := d.System(c.System)
	if err != nil {
		return nil, err
	}
	reader, err := system.Open(c, d.HTTP)
	return reader, said(err, "settings")
}

var errNoDescription = problem.Invalid("system_undescribed", "This system does not tell what fields it has.")

func (d *Desk) describer(ctx context.Context, teamID, connectionID string) (connectors.Describer, error) {
	reader, err := d.reader(ctx, teamID, connectionID)
	if err != nil {
		return nil, err
	}
	describer, able := reader.(connectors.Describer)
	if !able {
		return nil, errNoDescription
	}
	return describer, nil
}

// Types are the types of records that a connection's system has.
func (d *Desk) Types(ctx context.Context, teamID, connectionID string) ([]string, error) {
	describer, err := d.describer(ctx, teamID, connectionID)
	if err != nil {
		return nil, err
	}
	types, err := describer.Types(ctx)
	return types, said(err, "connection")
}

// Describe tells the fields of a type of record.
func (d *Desk) Describe(ctx context.Context, teamID, connectionID, recordType string) (connectors.Schema, error) {
	describer, err := d.describer(ctx, teamID, connectionID)
	if err != nil {
		return connectors.Schema{}, err
	}
	schema, err := describer.Describe(ctx, recordType)
	return schema, said(err, "type")
}
