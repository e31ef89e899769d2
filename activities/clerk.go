package activities

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/problem"
)

// Clerk carries records of other systems to envelopes and outcomes back. Its steps
// may run twice like those of the Desk: a journey has one envelope, whose id follows
// from its own, and what was written back is remembered.
type Clerk struct {
	Records  Ledger
	Systems  map[string]connectors.System
	HTTP     *http.Client // reaches no private addresses
	Drawing  Drawing
	Papers   Finished
	Desk     Sender
	Journeys Journeys
	Link     func(e envelope.Envelope) string // to the envelope's page
	Now      func() time.Time
}

// Ledger is what a clerk needs of the database.
type Ledger interface {
	Journey(ctx context.Context, id string) (connectors.Journey, error)
	Connection(ctx context.Context, id string) (connectors.Connection, error)
	SetTrouble(ctx context.Context, connectionID, words string) error
	Mapping(ctx context.Context, id string, version int) (mapping.Kept, error)
	MappingsOf(ctx context.Context, connectionID, recordType string) ([]mapping.Kept, error)
	Meet(ctx context.Context, mappingID string, ref connectors.Ref, met bool) (turn int64, err error)
	BeginJourney(ctx context.Context, j connectors.Journey, listens []envelope.EventType) error
	Drawn(ctx context.Context, journeyID, envelopeID string, was connectors.Baseline) error
	Arrive(ctx context.Context, journeyID string, status connectors.Status, words string) error
	Due(ctx context.Context, journeyID, event string) ([]connectors.WriteBack, error)
	Written(ctx context.Context, journeyID string, events []string, now connectors.Baseline) error
	Stuck(ctx context.Context, journeyID, event, words string) error
	Reconcilable(ctx context.Context, since time.Time) ([]string, error)
	Owed(ctx context.Context, connectionID string, before time.Time) ([]Back, error)
	Settle(ctx context.Context, connectionID string) error
	Ended(ctx context.Context, connectionID string, since time.Time, most int) ([]string, error)
	Wrote(ctx context.Context, journeyID string) ([]envelope.EventType, error)
	Compared(ctx context.Context, connectionID string, found connectors.Comparison) error
	Reopen(ctx context.Context, journeyID string, at []envelope.EventType, words string) error
	Heard(ctx context.Context, connectionID, newsID string) (bool, error)
	Hear(ctx context.Context, connectionID, newsID string) error
	Cursor(ctx context.Context, connectionID string) (string, error)
	SetCursor(ctx context.Context, connectionID, cursor string) error

	Envelope(ctx context.Context, id string) (envelope.Envelope, error)
	CreateDraft(ctx context.Context, e envelope.Envelope, ev envelope.Evidence) error
}

// Drawing makes a draft's documents.
type Drawing interface {
	// DrawUp fills the templates with the record, stores what comes of it and puts
	// documents and fields into the draft.
	DrawUp(ctx context.Context, draft envelope.Envelope, d mapping.Draft, record map[string]any) (envelope.Envelope, error)
	// Paths are what templates ask of a record.
	Paths(ctx context.Context, team string, templates []string) ([]string, error)
	// Blank is an empty draft of the team.
	Blank(ctx context.Context, team string) (envelope.Envelope, error)
}

// Finished hands out documents.
type Finished interface {
	Current(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	Final(ctx context.Context, e envelope.Envelope, documentID string) ([]byte, error)
	AuditPDF(ctx context.Context, e envelope.Envelope) ([]byte, error)
}

// Sender sends a draft.
type Sender interface {
	Send(ctx context.Context, envelopeID string, by envelope.Actor, origin envelope.Origin) error
}

// Journeys starts a journey's workflow, once.
type Journeys interface {
	Go(ctx context.Context, journeyID string) error
}

// open makes the connector of a connection.
func (c *Clerk) open(ctx context.Context, connectionID string) (connectors.Reader, error) {
	account, err := c.Records.Connection(ctx, connectionID)
	if err != nil {
		return nil, err
	}
	system, known := c.Systems[account.System]
	if !known {
		return nil, problem.Missing("system_missing", "There is no connector for this system.")
	}
	return system.Open(account, c.HTTP)
}

// begin starts a journey of a mapping: once for each record, version and trigger.
func (c *Clerk) begin(ctx context.Context, m mapping.Kept, ready mapping.Compiled, j connectors.Journey) error {
	j.ID = connectors.JourneyID(m.ID, m.Version, j.Ref, j.Trigger)
	j.Team, j.Connection, j.Mapping, j.Version = m.Team, m.Connection, m.ID, m.Version
	listens := ready.Listens()
	if j.Record != nil { // it came along, and there is nowhere to write back to
		listens = nil
	}
	if err := c.Records.BeginJourney(ctx, j, listens); err != nil {
		return err
	}
	return c.Journeys.Go(ctx, j.ID)
}

// Draw reads the record and draws up the draft, and tells its id; "" is none,
// because the record does not meet the condition any more.
func (c *Clerk) Draw(ctx context.Context, journeyID string) (string, error) {
	j, err := c.Records.Journey(ctx, journeyID)
	if err != nil {
		return "", Refusal(err)
	}
	if j.Envelope != "" {
		return j.Envelope, nil
	}
	drawn, err := c.draw(ctx, j)
	return drawn, c.attend(ctx, j, err)
}

func (c *Clerk) draw(ctx context.Context, j connectors.Journey) (string, error) {
	m, ready, err := c.mapping(ctx, j)
	if err != nil {
		return "", err
	}
	asked, err := c.asks(ctx, j.Team, ready)
	if err != nil {
		return "", err
	}
	record := connectors.Record{Ref: j.Ref, Version: j.Baseline.Version, Fields: j.Baseline.Fields}
	if j.Status != connectors.Begun || !j.Baseline.Answers(asked, c.Now()) {
		if record, err = c.read(ctx, j, asked); err != nil {
			return "", err
		}
	}
	still := strings.HasPrefix(j.Trigger, pressed) // whoever asks for it need not meet the condition
	if !still {
		if still, err = ready.Starts(record.Fields, c.Now()); err != nil {
			return "", err
		}
	}
	if !still {
		return "", c.Records.Arrive(ctx, j.ID, connectors.Passed, "")
	}
	said, err := ready.Apply(record.Fields)
	if err != nil {
		return "", err
	}
	draft, err := c.compose(ctx, j, said, record.Fields)
	if err != nil {
		return "", err
	}
	noted := envelope.Evidence{Kind: envelope.NotedCreated, By: actorOf(j), Detail: map[string]string{"journey": j.ID}}
	if err := c.Records.CreateDraft(ctx, draft, noted); err != nil {
		return "", err
	}
	was := connectors.Baseline{Version: record.Version, Fields: chosen(record.Fields, m.Targets())}
	return draft.ID, c.Records.Drawn(ctx, j.ID, draft.ID, was)
}

// asks are the paths that drawing up a mapping's envelope reads of a record.
func (c *Clerk) asks(ctx context.Context, team string, ready mapping.Compiled) ([]string, error) {
	asked, err := c.Drawing.Paths(ctx, team, ready.Mapping.Templates())
	return unique(asked, ready.Paths(), ready.Mapping.Targets()), err
}

// unique are all paths, each once, in order.
func unique(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}

// Baseline is a journey's record as it is now, as far as its mapping writes it.
func (c *Clerk) Baseline(ctx context.Context, j connectors.Journey) (connectors.Baseline, error) {
	kept, err := c.Records.Mapping(ctx, j.Mapping, j.Version)
	if err != nil {
		return connectors.Baseline{}, err
	}
	targets := kept.Mapping.Targets()
	record, err := c.read(ctx, j, targets)
	return connectors.Baseline{Version: record.Version, Fields: chosen(record.Fields, targets)}, err
}

// actorOf is who acts in a journey, as the evidence names it.
func actorOf(j connectors.Journey) envelope.Actor {
	return envelope.Actor{Kind: "hub", ID: j.Connection}
}

func (c *Clerk) mapping(ctx context.Context, j connectors.Journey) (mapping.Mapping, mapping.Compiled, error) {
	kept, err := c.Records.Mapping(ctx, j.Mapping, j.Version)
	if err != nil {
		return mapping.Mapping{}, mapping.Compiled{}, err
	}
	ready, err := mapping.Compile(kept.Mapping)
	return kept.Mapping, ready, err
}

func (c *Clerk) read(ctx context.Context, j connectors.Journey, paths []string) (connectors.Record, error) {
	if j.Record != nil {
		return connectors.Record{Ref: j.Ref, Fields: j.Record}, nil
	}
	system, err := c.open(ctx, j.Connection)
	if err != nil {
		return connectors.Record{}, err
	}
	return system.Read(ctx, j.Ref, paths)
}

// compose puts together the draft of a journey.
func (c *Clerk) compose(ctx context.Context, j connectors.Journey, said mapping.Draft, record map[string]any) (envelope.Envelope, error) {
	draft, err := c.Drawing.Blank(ctx, j.Team)
	if err != nil {
		return draft, err
	}
	draft.ID, draft.Owner, draft.CreatedAt = j.EnvelopeID(), j.Connection, c.Now().UTC().Truncate(time.Millisecond)
	draft.Title, draft.Message, draft.Tags = said.Title, said.Message, said.Tags
	if said.Lifetime != 0 {
		draft.Lifetime = said.Lifetime
	}
	for _, q := range said.Quorums {
		draft.Quorums = append(draft.Quorums, envelope.Quorum(q))
	}
	if draft, err = c.Drawing.DrawUp(ctx, draft, said, record); err != nil {
		return draft, err
	}
	return draft, draft.CheckSend()
}

// chosen are the fields that a mapping writes, as the record has them.
func chosen(fields map[string]any, names []string) map[string]any {
	some := map[string]any{}
	for _, name := range names {
		if value, there := fields[name]; there {
			some[name] = value
		}
	}
	return some
}

// Dispatch sends the draft of a journey.
func (c *Clerk) Dispatch(ctx context.Context, journeyID string) error {
	j, err := c.Records.Journey(ctx, journeyID)
	if err != nil {
		return Refusal(err)
	}
	if j.Status != connectors.Begun && j.Status != connectors.Attention {
		return nil
	}
	err = c.Desk.Send(ctx, j.Envelope, actorOf(j), envelope.Origin{Device: "connector"})
	if problem.Has(err, "envelope_sent_already") {
		err = nil
	}
	if err == nil {
		err = c.Records.Arrive(ctx, j.ID, connectors.Sent, "")
	}
	return c.attend(ctx, j, err)
}

// attend decides what follows from an error of a journey.
func (c *Clerk) attend(ctx context.Context, j connectors.Journey, err error) error {
	return c.follow(err, func(words string) error { return c.Records.Arrive(ctx, j.ID, connectors.Attention, words) })
}

// follow decides what follows from an error: what a person must mend is noted and not
// tried again, a system that asks us to wait is waited for, and everything else is
// tried again by the engine's pace.
func (c *Clerk) follow(err error, note func(words string) error) error {
	words, final := c.judge(err)
	if !final {
		return waiting(err)
	}
	if noteErr := note(words); noteErr != nil {
		return noteErr
	}
	return Refusal(problem.Conflict("journey_needs_attention", words).Because(err))
}

// judge says whether an error needs a person, and in which words.
func (c *Clerk) judge(err error) (words string, final bool) {
	var p *problem.Problem
	if errors.As(err, &p) && p.Kind != problem.KindInternal && p.Kind != problem.KindAway && p.Kind != problem.KindLimited {
		return p.Said(), true
	}
	if f, is := connectors.FailureOf(err); is && f.Trouble.Lasting() {
		return f.Said(), true
	}
	return "", false
}

// waiting gives the engine the wait that a system has asked for.
func waiting(err error) error {
	f, is := connectors.FailureOf(err)
	if !is || f.Wait <= 0 {
		return err
	}
	return comeBack("the system asks us to wait", "connector_waits", f.Wait)
}
