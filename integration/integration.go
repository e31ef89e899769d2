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
	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
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
	Now      func() time.Time
}

// Records is what is kept.
type Records interface {
	SaveConnection(ctx context.Context, c connectors.Connection) error
	TeamConnection(ctx context.Context, teamID, id string) (connectors.Connection, error)
	Connections(ctx context.Context, teamID string) ([]connectors.Connection, error)
	DeleteConnection(ctx context.Context, teamID, id string) error
	Watched(ctx context.Context) (map[string][]string, error)

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

// testTime bounds the question whether credentials are good.
const testTime = 20 * time.Second

// SaveConnection stores a new connection (without an id) or changes one, after the
// system has taken its credentials. A secret that is left out stays as it was.
func (d *Desk) SaveConnection(ctx context.Context, c connectors.Connection) (connectors.Connection, error) {
	system, err := d.System(c.System)
	if err != nil {
		return c, err
	}
	if c.ID != "" {
		before, err := d.Records.TeamConnection(ctx, c.Team, c.ID)
		if err != nil {
			return c, err
		}
		if before.System != c.System {
			return c, problem.Invalid("system_fixed", "A connection stays with its system; make another one.").At("system")
		}
		c.Settings, c.CreatedAt = system.Amended(before.Settings, c.Settings), before.CreatedAt
	}
	if strings.TrimSpace(c.Name) == "" {
		return c, problem.Invalid("name_missing", "A connection needs a name.").At("name")
	}
	if len([]rune(c.Name)) > envelope.MaxName {
		return c, problem.TooLarge("text_too_long", "A text is longer than its place allows.").At("name")
	}
	if err := system.Check(c.Settings); err != nil {
		return c, err
	}
	if c.As, err = d.test(ctx, system, c); err != nil {
		return c, err
	}
	c.TestedAt = d.Now()
	if c.ID == "" {
		c.ID, c.CreatedAt = id.New(id.Connection), c.TestedAt
	}
	return c, d.Records.SaveConnection(ctx, c)
}

// test asks the system whether the credentials are good, without the connection's
// id: what is only tried is not kept.
func (d *Desk) test(ctx context.Context, system connectors.System, c connectors.Connection) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	c.ID = ""
	reader, err := system.Open(c, d.HTTP)
	if err != nil {
		return "", said(err, "settings")
	}
	tester, able := reader.(connectors.Tester)
	if !able {
		return "", nil
	}
	as, err := tester.Test(ctx)
	return connectors.Clean(as), said(err, "settings")
}

// said turns a system's refusal into a problem, in the system's own words.
func said(err error, field string) error {
	f, is := failure(err)
	if !is {
		return err
	}
	words := f.Words
	if f.Code != "" {
		words = f.Code + ": " + words
	}
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
