package integration

import (
	"context"
	"errors"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/problem"
)

// Check compares a mapping with what its system has, and tells all that is wrong.
func (d *Desk) Check(ctx context.Context, teamID, connectionID string, m mapping.Mapping) ([]mapping.Fault, error) {
	describe, err := d.describing(ctx, teamID, connectionID)
	if err != nil {
		return nil, err
	}
	faults, err := mapping.Check(m, describe)
	if err == nil {
		var more []mapping.Fault
		more, err = d.checkTemplates(ctx, teamID, m, describe)
		faults = append(faults, more...)
	}
	if f, is := connectors.FailureOf(err); is && f.Trouble.Lasting() {
		return []mapping.Fault{{Where: "record", Code: "record_type_unknown", Sentence: "The system does not have this type of record, or does not show it: " + f.Words}}, nil
	}
	return faults, said(err, "record")
}

// describing asks the system about each type of record once.
func (d *Desk) describing(ctx context.Context, teamID, connectionID string) (mapping.Describe, error) {
	describer, err := d.describer(ctx, teamID, connectionID)
	if errors.Is(err, errNoDescription) {
		return nothingKnown, nil
	}
	if err != nil {
		return nil, err
	}
	known := map[string]connectors.Schema{}
	return func(recordType string) (connectors.Schema, error) {
		if schema, there := known[recordType]; there {
			return schema, nil
		}
		schema, err := describer.Describe(ctx, recordType)
		if err == nil {
			known[recordType] = schema
		}
		return schema, err
	}, nil
}

// nothingKnown is for systems that do not tell what they have: any path may be there.
func nothingKnown(recordType string) (connectors.Schema, error) {
	return connectors.Schema{Type: recordType, Open: true}, nil
}

// ErrFaults is the answer to saving a mapping that cannot work.
var ErrFaults = problem.Invalid("mapping_faulty", "The mapping cannot work as it is.")

// SaveMapping checks and stores a mapping (a new one without an id, or the next
// version of one), and lets the hub listen to what starts it. With faults nothing
// is stored.
func (d *Desk) SaveMapping(ctx context.Context, m mapping.Kept) (mapping.Kept, []mapping.Fault, error) {
	faults, err := d.Check(ctx, m.Team, m.Connection, m.Mapping)
	if err != nil {
		return m, nil, err
	}
	if len(faults) > 0 {
		return m, faults, ErrFaults
	}
	saved, err := d.Records.SaveMapping(ctx, m)
	if err != nil {
		return m, nil, err
	}
	if err := d.Later.Survey(ctx, saved.Survey()); err != nil {
		return m, nil, err
	}
	return saved, nil, d.listen(ctx, saved.Connection)
}

// listen lets the hub listen to what an enabled mapping of the connection waits for.
func (d *Desk) listen(ctx context.Context, connectionID string) error {
	types, err := d.Records.WatchedTypes(ctx, connectionID)
	if err != nil {
		return err
	}
	return d.Later.Watch(ctx, connectionID, types)
}

// Preview is what a mapping would do with one record.
type Preview struct {
	Record connectors.Record
	Starts bool // the record meets the condition
	Draft  mapping.Draft
	Back   []PreviewBack
}

// PreviewBack is what one event would write back, if everybody signed now.
type PreviewBack struct {
	On  envelope.EventType
	Out mapping.Outcome
}

// Preview reads a record and shows the envelope that it would become and what
// would go back, and sends nothing.
func (d *Desk) Preview(ctx context.Context, m mapping.Kept, recordID string) (Preview, error) {
	ready, err := mapping.Compile(m.Mapping)
	if err != nil {
		return Preview{}, err
	}
	reader, err := d.reader(ctx, m.Team, m.Connection)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{}
	if p.Record, err = reader.Read(ctx, connectors.Ref{Type: m.Mapping.Record, ID: recordID}, ready.Paths()); err != nil {
		return p, said(err, "record")
	}
	if p.Starts, err = ready.Starts(p.Record.Fields, d.Now()); err != nil {
		return p, err
	}
	if p.Draft, err = ready.Apply(p.Record.Fields); err != nil {
		return p, err
	}
	for _, on := range ready.Listens() {
		out, err := ready.Back(on, mapping.Source{Record: p.Record.Fields, Envelope: d.imagined(p.Draft, on)})
		if err != nil {
			return p, err
		}
		p.Back = append(p.Back, PreviewBack{on, out})
	}
	return p, nil
}

// imagined is the envelope as it would be if everybody had acted just now.
func (d *Desk) imagined(draft mapping.Draft, on envelope.EventType) map[string]any {
	e := envelope.Envelope{ID: "env_preview", Title: draft.Title, Status: envelope.Completed, SentAt: d.Now(), EndedAt: d.Now(), ExpiresAt: d.Now()}
	for _, r := range draft.Recipients {
		e.Recipients = append(e.Recipients, envelope.Recipient{ID: "rcp_" + r.Ref, Person: envelope.Person{Name: r.Name, Email: r.Email},
			Role: r.Role, Step: r.Step, Status: envelope.Signed, ActedAt: d.Now()})
	}
	return activities.About(e, d.Clerk.Link(e), connectors.WriteBack{Type: on, At: d.Now()})
}

// Press begins a journey for a record that somebody names. The request's id makes a
// repeat the same journey.
func (d *Desk) Press(ctx context.Context, m mapping.Kept, recordID, request string) (connectors.Journey, error) {
	journey, err := d.Clerk.Press(ctx, m, connectors.Ref{Type: m.Mapping.Record, ID: recordID}, nil, request)
	if err != nil {
		return connectors.Journey{}, err
	}
	return d.Records.Journey(ctx, journey)
}

// Bring begins a journey for a record that comes along, from a system that calls us.
// Nothing goes back but by webhooks.
func (d *Desk) Bring(ctx context.Context, m mapping.Kept, record map[string]any, request string) (connectors.Journey, error) {
	journey, err := d.Clerk.Press(ctx, m, connectors.Ref{Type: m.Mapping.Record, ID: request}, record, request)
	if err != nil {
		return connectors.Journey{}, err
	}
	return d.Records.Journey(ctx, journey)
}

// TeamJourney returns a team's journey.
func (d *Desk) TeamJourney(ctx context.Context, teamID, journeyID string) (connectors.Journey, error) {
	j, err := d.Records.Journey(ctx, journeyID)
	if err == nil && j.Team != teamID {
		return connectors.Journey{}, errNoJourney
	}
	return j, err
}

var errNoJourney = problem.Missing("journey_missing", "There is no such journey.")

// Decision is what somebody decides about a record that was changed meanwhile.
type Decision string

const (
	Again  Decision = ""       // just try again
	Ours   Decision = "ours"   // write over what they have
	Theirs Decision = "theirs" // leave it as they have it
)

var errNoAttention = problem.Conflict("journey_needs_nothing", "This journey needs no attention.")

// Retry goes on with a journey that needed attention.
func (d *Desk) Retry(ctx context.Context, j connectors.Journey, what Decision) error {
	if j.Status != connectors.Attention {
		return errNoAttention
	}
	due, err := d.Records.Due(ctx, j.ID, "")
	if err != nil {
		return err
	}
	if len(due) == 0 {
		return d.Later.Go(ctx, j.ID)
	}
	switch what {
	case Theirs:
		// The record as it is now counts from here on; one that cannot be read is let be.
		if now, err := d.Clerk.Baseline(ctx, j); err == nil {
			if err := d.Records.Rebase(ctx, j.ID, now); err != nil {
				return err
			}
		}
		return d.Records.Forgo(ctx, j.ID)
	case Ours:
		now, err := d.Clerk.Baseline(ctx, j)
		if err != nil {
			return said(err, "record")
		}
		if err := d.Records.Rebase(ctx, j.ID, now); err != nil {
			return err
		}
	case Again:
	default:
		return problem.Invalid("decision_unknown", "A decision is ours or theirs.").At("decide")
	}
	return d.Later.WriteBack(ctx, activities.Back{Journey: j.ID, Event: due[len(due)-1].Event})
}
