package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/id"
	"chancery/integration"
	"chancery/problem"
	"chancery/workflows"
)

// office is a system of one record, with what was done to it.
type office struct {
	fields  map[string]any
	version int
	files   map[string]string
	refuses error // the next write
	writes  int
	hidden  map[string]error // why records are not shown, by their id
	lacks   string           // a field that it does not know
	reads   int
	away    func() bool // nobody answers
	pages   []string    // that were asked for
}

var errAway = &connectors.Failure{Trouble: connectors.Busy, Words: "Nobody answers."}

func (o *office) Read(_ context.Context, ref connectors.Ref, paths []string) (connectors.Record, error) {
	if o.lacks != "" && slices.Contains(paths, o.lacks) {
		return connectors.Record{}, &connectors.Failure{Trouble: connectors.Refused, Words: "No such field: " + o.lacks}
	}
	if o.away != nil && o.away() {
		return connectors.Record{}, errAway
	}
	o.reads++
	if err := o.hidden[ref.ID]; err != nil {
		return connectors.Record{}, err
	}
	copied := map[string]any{}
	for name, value := range o.fields {
		copied[name] = value
	}
	return connectors.Record{Ref: ref, Version: fmt.Sprint(o.version), Fields: copied}, nil
}

func (o *office) Write(_ context.Context, _ connectors.Ref, fields map[string]any, version string) (string, error) {
	if o.away != nil && o.away() {
		return "", errAway
	}
	if err := o.refuses; err != nil {
		o.refuses = nil
		return "", err
	}
	if version != "" && version != fmt.Sprint(o.version) {
		return "", &connectors.Failure{Trouble: connectors.Changed}
	}
	o.change(fields)
	o.writes++
	return fmt.Sprint(o.version), nil
}

// Find lists the deal, whenever it has changed, on the second of two pages.
func (o *office) Find(_ context.Context, recordType string, _ time.Time, cursor string) ([]connectors.Ref, string, error) {
	o.pages = append(o.pages, cursor)
	if cursor == "" {
		return nil, "second", nil
	}
	return []connectors.Ref{{Type: recordType, ID: "1"}}, "", nil
}

func (o *office) change(fields map[string]any) {
	for name, value := range fields {
		o.fields[name] = value
	}
	o.version++
}

func (o *office) File(_ context.Context, _ connectors.Ref, f connectors.File) (string, error) {
	content, err := f.Open()
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(content)
	o.files[f.Key] = f.Name + ": " + string(text)
	return f.Key, err
}

// bureau is a clerk with its office, over the real records.
type bureau struct {
	scene
	office  *office
	clerk   *activities.Clerk
	mapping mapping.Kept
	asks    []string // of the record, by the template
	begun   []string
	sent    int
}

const dealMapping = `
mapping: Deal
record: Deal
start: {on: [updated], when: record.Stage == "Proposal"}
documents: [{template: deal}]
title: {path: Name}
tags: [{text: deals}, {path: Region}, {path: Name}]
recipients: [{ref: customer, name: {path: Who}, email: {path: Mail}}]
back:
  - on: envelope.sent
    fields: [{field: Stage, text: Sent}, {field: Note, text: "out since {{envelope.sent_at}}"}]
  - on: recipient.signed
    fields: [{field: Stage, text: Signed, policy: ask}, {field: By, cel: "envelope.recipients[0].name"}]
    files: [{what: documents, name: {text: "{{Name}} signed"}}]
`

func newBureau(t *testing.T) *bureau {
	b := &bureau{scene: newScene(t), asks: []string{"Amount"}, office: &office{version: 1, files: map[string]string{}, fields: map[string]any{
		"Name": "The mill", "Stage": "Proposal", "Who": "Ada Lovelace", "Mail": "ada@example.com", "Amount": json.Number("1"),
	}}}
	account := connectors.Connection{ID: id.New(id.Connection), Team: b.team.ID, System: "office", Name: "Ours",
		Settings: map[string]string{"token": "very secret"}, CreatedAt: noon}
	must(t, b.SaveConnection(ctx, account))
	m, err := mapping.Read([]byte(dealMapping))
	must(t, err)
	b.mapping, err = b.SaveMapping(ctx, mapping.Kept{Team: b.team.ID, Connection: account.ID, Enabled: true, Author: "usr_sam", Mapping: m})
	must(t, err)
	b.clerk = &activities.Clerk{Records: b.Store, Drawing: b, Papers: b, Desk: b, Journeys: b, Now: time.Now,
		Link:    func(e envelope.Envelope) string { return "https://hub.example/" + e.ID },
		Systems: map[string]connectors.System{"office": {Name: "office", Open: func(connectors.Connection, *http.Client) (connectors.Reader, error) { return b.office, nil }}},
	}
	return b
}

func (b *bureau) Go(_ context.Context, journey string) error {
	b.begun = append(b.begun, journey)
	return nil
}

func (b *bureau) Blank(context.Context, string) (envelope.Envelope, error) {
	return envelope.Envelope{Team: b.team.ID, Status: envelope.Draft, Test: true, Sender: b.team.Sender, Lifetime: envelope.DefaultLifetime}, nil
}

func (b *bureau) Paths(context.Context, string, []string) ([]string, error) {
	return b.asks, nil
}

func (b *bureau) DrawUp(_ context.Context, e envelope.Envelope, d mapping.Draft, _ map[string]any) (envelope.Envelope, error) {
	e.Documents = b.draft.Documents
	for _, r := range d.Recipients {
		next := id.New(id.Recipient)
		e.Recipients = append(e.Recipients, envelope.Recipient{ID: next, Person: envelope.Person{Name: r.Name, Email: r.Email}, Role: r.Role,
			Step: r.Step, Status: envelope.Waiting, Place: next, LinkVersion: 1})
		e.Fields = append(e.Fields, envelope.Field{ID: id.New(id.Field), Recipient: next, Document: e.Documents[0].ID, Kind: envelope.SignatureField, Page: 1, X: 50, Y: 50, Width: 100, Height: 40})
	}
	return e, nil
}

func (b *bureau) Current(context.Context, envelope.Envelope, string) ([]byte, error) {
	return []byte("current"), nil
}
func (b *bureau) Final(context.Context, envelope.Envelope, string) ([]byte, error) {
	return []byte("final"), nil
}
func (b *bureau) AuditPDF(context.Context, envelope.Envelope) ([]byte, error) {
	return []byte("trail"), nil
}

func (b *bureau) Send(_ context.Context, envelopeID string, by envelope.Actor, origin envelope.Origin) error {
	b.sent++
	e, err := b.Envelope(ctx, envelopeID)
	if err != nil {
		return err
	}
	change, err := e.Send(by, origin, noon)
	if err != nil {
		return err
	}
	change.Revisions = []envelope.Revision{revision(e, 1)}
	return b.Commit(ctx, change)
}

func (b *bureau) hear(t *testing.T, newsID string) {
	t.Helper()
	must(t, b.clerk.Hear(ctx, b.mapping.Connection, connectors.News{ID: newsID, Ref: connectors.Ref{Type: "Deal", ID: "1"}, Kind: connectors.Updated}))
}

// stale lets the record that was read be too old to be drawn up.
func (b *bureau) stale() {
	b.clerk.Now = func() time.Time { return time.Now().Add(connectors.Fresh) }
}

// travel lets the first journey be drawn up and sent, and tells its envelope.
func (b *bureau) travel(t *testing.T) envelope.Envelope {
	t.Helper()
	b.hear(t, "news 1")
	if len(b.begun) != 1 {
		t.Fatalf("begun are %v", b.begun)
	}
	drawn, err := b.clerk.Draw(ctx, b.begun[0])
	must(t, err)
	must(t, b.clerk.Dispatch(ctx, b.begun[0]))
	return b.read(t, drawn)
}

func (b *bureau) sign(t *testing.T, e envelope.Envelope) envelope.Envelope {
	t.Helper()
	must(t, b.Commit(ctx, signing(t, e)))
	return b.read(t, e.ID)
}

// back lets everything that is due be written back.
func (b *bureau) back(t *testing.T, e envelope.Envelope) error {
	t.Helper()
	out, err := b.Untold(ctx, e.ID, []string{activities.Everything})
	must(t, err)
	if len(out.Backs) != 1 {
		t.Fatalf("due are %+v", out.Backs)
	}
	return b.clerk.WriteBack(ctx, out.Backs[0])
}

func TestARecordBecomesAnEnvelopeAndKnowsOfIt(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	if e.Title != "The mill" || !slices.Equal(e.Tags, []string{"deals", "The mill"}) || e.Recipients[0].Person.Email != "ada@example.com" || e.Status != envelope.Sent {
		t.Fatalf("sent is %+v", e)
	}
	must(t, b.back(t, e))
	if got := fmt.Sprint(b.office.fields["Stage"], " ", b.office.fields["Note"]); got != "Sent out since 2026-03-02T12:00:00Z" {
		t.Errorf("the record says %q", got)
	}
	e = b.sign(t, e)
	must(t, b.back(t, e))
	if b.office.fields["Stage"] != "Signed" || b.office.fields["By"] != "Ada Lovelace" {
		t.Errorf("the record says %v", b.office.fields)
	}
	if diff := cmp.Diff(map[string]string{e.ID + "/" + e.Documents[0].ID: "The mill signed.pdf: current"}, b.office.files); diff != "" {
		t.Error(diff)
	}
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if j.Status != connectors.Sent || j.Envelope != e.ID || j.Ref.ID != "1" {
		t.Errorf("the journey is %+v", j)
	}
}

func TestWhatIsToldTwiceIsOneEnvelope(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	b.hear(t, "news 1")
	b.hear(t, "news 2")                                    // another change, and the condition is still met
	if begun := slices.Compact(b.begun); len(begun) != 1 { // the same id is the same workflow
		t.Fatalf("begun are %v", begun)
	}
	again, err := b.clerk.Draw(ctx, b.begun[0])
	must(t, err)
	must(t, b.clerk.Dispatch(ctx, b.begun[0]))
	if again != e.ID || b.sent != 1 {
		t.Errorf("drawn up as %s and sent %d times", again, b.sent)
	}
	must(t, b.back(t, e))
	must(t, b.clerk.WriteBack(ctx, activities.Back{Journey: b.begun[0]}))
	if b.office.writes != 1 {
		t.Errorf("written %d times", b.office.writes)
	}
}

func TestAStageThatIsReachedAgainBeginsAnotherJourney(t *testing.T) {
	b := newBureau(t)
	b.travel(t)
	b.office.change(map[string]any{"Stage": "Lost"})
	b.hear(t, "news 2")
	b.office.change(map[string]any{"Stage": "Proposal"})
	b.hear(t, "news 3")
	if len(b.begun) != 2 || b.begun[0] == b.begun[1] {
		t.Fatalf("begun are %v", b.begun)
	}
}

// startsBy saves the mapping with another start.
func (b *bureau) startsBy(t *testing.T, start string) {
	t.Helper()
	m, err := mapping.Read([]byte(strings.Replace(dealMapping, `start: {on: [updated], when: record.Stage == "Proposal"}`, start, 1)))
	must(t, err)
	b.mapping.Mapping = m
	b.mapping, err = b.SaveMapping(ctx, b.mapping)
	must(t, err)
}

func TestAScheduleLooksAtAllRecordsAndBeginsWhatTimeHasBroughtAbout(t *testing.T) {
	b := newBureau(t)
	b.startsBy(t, `start: {schedule: "0 8 * * 1-5", when: 'timestamp(record.Ends) - now < duration("720h")'}`)
	b.office.change(map[string]any{"Ends": "2026-06-30T00:00:00Z"})
	now := noon
	b.clerk.Now = func() time.Time { return now }
	found, err := b.Scheduled(ctx)
	must(t, err)
	if len(found) != 1 || found[0].Survey().Schedule != "0 8 * * 1-5" {
		t.Fatalf("the schedules are %+v", found)
	}
	for _, at := range []time.Time{noon, noon.AddDate(0, 3, 20), noon.AddDate(0, 3, 21)} { // too early, due, due already
		now = at
		must(t, b.clerk.Survey(ctx, found[0].Survey()))
	}
	if begun := slices.Compact(b.begun); len(begun) != 1 { // the same id is the same workflow
		t.Fatalf("begun are %v", begun)
	}
	drawn, err := b.clerk.Draw(ctx, b.begun[0])
	if err != nil || drawn == "" {
		t.Errorf("drawn up as %q: %v", drawn, err)
	}
	b.mapping.Enabled = false
	if s := b.mapping.Survey(); s.Schedule != "" {
		t.Errorf("a mapping that is switched off has the schedule %s", s.Schedule)
	}
}

func TestALookThatWasCutOffGoesOnWhereItStood(t *testing.T) {
	b := newBureau(t)
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivity(b.clerk)
	env.SetHeartbeatDetails("second")
	_, err := env.ExecuteActivity(b.clerk.Seek, b.mapping.Connection, b.mapping.Mapping.Record, noon)
	must(t, err)
	if !slices.Equal(b.office.pages, []string{"second"}) || len(b.begun) != 1 {
		t.Errorf("it looked at pages %q and began %v", b.office.pages, b.begun)
	}
}

func TestAMappingThatStartsByRequestIsNotStartedByLooking(t *testing.T) {
	b := newBureau(t)
	b.startsBy(t, `start: {when: record.Stage == "Proposal"}`)
	must(t, b.clerk.Seek(ctx, b.mapping.Connection, "Deal", noon))
	if len(b.begun) > 0 {
		t.Fatalf("begun are %v", b.begun)
	}
	b.startsBy(t, `start: {on: [updated], when: record.Stage == "Proposal"}`)
	must(t, b.clerk.Seek(ctx, b.mapping.Connection, "Deal", noon))
	if len(b.begun) != 1 {
		t.Errorf("begun are %v", b.begun)
	}
}

func TestOurOwnWriteBeginsNothing(t *testing.T) {
	b := newBureau(t)
	must(t, b.clerk.Hear(ctx, b.mapping.Connection, connectors.News{ID: "n", Ref: connectors.Ref{Type: "Deal", ID: "1"}, Kind: connectors.Updated, Ours: true}))
	if len(b.begun) > 0 {
		t.Fatalf("begun are %v", b.begun)
	}
}

func TestARecordThatHasMovedOnIsNotSent(t *testing.T) {
	b := newBureau(t)
	b.hear(t, "news 1")
	b.office.change(map[string]any{"Stage": "Lost"})
	b.stale()
	drawn, err := b.clerk.Draw(ctx, b.begun[0])
	must(t, err)
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if drawn != "" || j.Status != connectors.Passed || len(j.Baseline.Fields) != 0 {
		t.Fatalf("drawn up as %q, %+v", drawn, j)
	}
}

func TestARecordThatWasJustReadIsNotReadAgain(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if b.office.reads != 1 || e.Title != "The mill" {
		t.Errorf("read %d times for %q", b.office.reads, e.Title)
	}
	want := connectors.Baseline{Version: "1", Fields: map[string]any{"Stage": "Proposal"}}
	if diff := cmp.Diff(want, j.Baseline); diff != "" {
		t.Error(diff) // nothing is kept of it but what is written
	}
}

func TestATemplateThatAsksForMoreMeanwhileIsGivenIt(t *testing.T) {
	b := newBureau(t)
	b.hear(t, "news 1")
	b.asks = append(b.asks, "Terms")
	_, err := b.clerk.Draw(ctx, b.begun[0])
	must(t, err)
	if b.office.reads != 2 {
		t.Errorf("read %d times", b.office.reads)
	}
}

func TestATemplateThatAsksForWhatIsNotThereIsTheTroubleOfItsJourneyAlone(t *testing.T) {
	b := newBureau(t)
	b.asks, b.office.lacks = []string{"Terms"}, "Terms"
	b.hear(t, "news 1")
	if len(b.begun) != 1 {
		t.Fatalf("begun are %v", b.begun)
	}
	if _, err := b.clerk.Draw(ctx, b.begun[0]); !activities.Refused(err) {
		t.Fatalf("drawn up with %v", err)
	}
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if j.Status != connectors.Attention || !strings.Contains(j.Words, "Terms") {
		t.Errorf("the journey is %s: %q", j.Status, j.Words)
	}
}

func TestWhatAPersonMustMendStopsAndSaysWhy(t *testing.T) {
	b := newBureau(t)
	b.office.change(map[string]any{"Mail": nil})
	b.hear(t, "news 1")
	_, err := b.clerk.Draw(ctx, b.begun[0])
	if !activities.Refused(err) {
		t.Fatalf("the engine would try again: %v", err)
	}
	found, _, err := b.Journeys(ctx, b.team.ID, connectors.Attention, "", 0)
	must(t, err)
	if len(found) != 1 || !strings.Contains(found[0].Words, "Mail") || !strings.Contains(found[0].Words, "recipients[0].email") {
		t.Fatalf("attention is needed for %+v", found)
	}
	b.office.change(map[string]any{"Mail": "ada@example.com"})
	drawn, err := b.clerk.Draw(ctx, b.begun[0])
	must(t, err)
	must(t, b.clerk.Dispatch(ctx, b.begun[0]))
	if j, err := b.Journey(ctx, b.begun[0]); err != nil || j.Status != connectors.Sent || j.Words != "" || drawn == "" {
		t.Fatalf("after it was mended: %+v, %v", j, err)
	}
}

func TestAFieldThatSomebodyElseChangedIsAskedAbout(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	must(t, b.back(t, e))
	b.office.change(map[string]any{"Stage": "On hold"})
	e = b.sign(t, e)
	if err := b.back(t, e); !activities.Refused(err) {
		t.Fatalf("got %v", err)
	}
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if j.Status != connectors.Attention || !strings.Contains(j.Words, "Stage") || b.office.fields["Stage"] != "On hold" {
		t.Fatalf("%+v, the record says %v", j, b.office.fields)
	}
}

func TestWhatTakesThePlaceOfWhateverTheRecordSaysIsWrittenUnread(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	b.office.change(map[string]any{"Stage": "On hold"})
	read := b.office.reads
	must(t, b.back(t, e))
	if b.office.reads != read || b.office.fields["Stage"] != "Sent" {
		t.Errorf("it was read %d times, and says %v", b.office.reads-read, b.office.fields)
	}
	b.office.change(map[string]any{"Stage": "On hold"})
	if err := b.back(t, b.sign(t, e)); !activities.Refused(err) || b.office.reads != read+1 {
		t.Errorf("what is to be asked about was written unread: %v", err)
	}
}

// A day of a system that is away passes in a moment, before the envelope and after it.
func TestASystemThatIsAwayForADayDelaysAndLosesNothing(t *testing.T) {
	b := newBureau(t)
	if workflows.AbroadPace.MaximumAttempts != 0 {
		t.Fatal("it is not tried for as long as it takes")
	}
	workflows.AbroadPace.MaximumAttempts = math.MaxInt32 // the test environment takes no limit for ten
	defer func() { workflows.AbroadPace.MaximumAttempts = 0 }()
	aDayAway := func(what any, args ...any) {
		t.Helper()
		var suite testsuite.WorkflowTestSuite
		suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
		env := suite.NewTestWorkflowEnvironment()
		env.SetTestTimeout(time.Minute)
		env.SetWorkflowRunTimeout(7 * day)
		env.RegisterActivity(b.clerk)
		begun := env.Now()
		b.office.away = func() bool { return env.Now().Sub(begun) < day }
		env.ExecuteWorkflow(what, args...)
		must(t, env.GetWorkflowError())
		if took := env.Now().Sub(begun); took < day || took > day+time.Hour {
			t.Errorf("it went on after %s", took)
		}
		b.office.away = nil
	}
	b.hear(t, "news 1")
	b.stale()
	aDayAway(workflows.Journey, b.begun[0])
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	if j.Status != connectors.Sent || b.sent != 1 {
		t.Fatalf("sent %d times, and the journey is %+v", b.sent, j)
	}
	e := b.sign(t, b.read(t, j.Envelope))
	out, err := b.Untold(ctx, e.ID, []string{activities.Everything})
	must(t, err)
	aDayAway(func(ctx workflow.Context) error { // as the branch of an announcement
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, RetryPolicy: workflows.AbroadPace})
		return workflow.ExecuteActivity(ctx, b.clerk.WriteBack, out.Backs[0]).Get(ctx, nil)
	})
	if b.office.fields["Stage"] != "Signed" || b.office.fields["Note"] != "out since 2026-03-02T12:00:00Z" || b.office.writes != 1 || len(b.office.files) != 1 {
		t.Errorf("written %d times, the record says %v and has %v", b.office.writes, b.office.fields, b.office.files)
	}
}

func TestEveryPageOfTheJourneysIsReached(t *testing.T) {
	b := newBureau(t)
	for i := range 7 {
		must(t, b.BeginJourney(ctx, connectors.Journey{ID: id.New(id.Journey), Team: b.team.ID, Connection: b.mapping.Connection, Mapping: b.mapping.ID, Version: 1,
			Ref: connectors.Ref{Type: "Deal", ID: fmt.Sprint(i)}}, nil))
	}
	var seen []string
	for next, first := "", true; first || next != ""; first = false {
		var found []connectors.Journey
		var err error
		found, next, err = b.Journeys(ctx, b.team.ID, "", next, 3)
		must(t, err)
		for _, j := range found {
			seen = append(seen, j.Ref.ID)
		}
	}
	if got := strings.Join(seen, ""); got != "6543210" {
		t.Errorf("seen are %s", got)
	}
}

func TestWhatTheSystemRefusesIsToldInItsOwnWords(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	b.office.refuses = &connectors.Failure{Trouble: connectors.Refused, Code: "FIELD_CUSTOM_VALIDATION_EXCEPTION", Words: "Stage needs a reason."}
	if err := b.back(t, e); !activities.Refused(err) {
		t.Fatalf("got %v", err)
	}
	due, err := b.Due(ctx, b.begun[0], "")
	must(t, err)
	if len(due) != 1 || due[0].Status != connectors.WriteAttention || due[0].Words != "FIELD_CUSTOM_VALIDATION_EXCEPTION: Stage needs a reason." {
		t.Fatalf("due are %+v", due)
	}
	must(t, b.clerk.WriteBack(ctx, activities.Back{Journey: b.begun[0], Event: due[0].Event})) // tried again
	if b.office.fields["Stage"] != "Sent" {
		t.Errorf("the record says %v", b.office.fields)
	}
}

func TestASystemThatIsAwayIsTriedAgain(t *testing.T) {
	b := newBureau(t)
	e := b.travel(t)
	b.office.refuses = &connectors.Failure{Trouble: connectors.Busy, Words: "maintenance"}
	if err := b.back(t, e); err == nil || activities.Refused(err) {
		t.Fatalf("got %v", err)
	}
	must(t, b.back(t, e))
	if b.office.writes != 1 {
		t.Errorf("written %d times", b.office.writes)
	}
}

func TestAMappingsVersionsStay(t *testing.T) {
	b := newBureau(t)
	next := b.mapping
	next.Mapping.Name = "Deal, anew"
	saved, err := b.SaveMapping(ctx, next)
	must(t, err)
	if saved.Version != 2 || saved.Mapping.Name != "Deal, anew" {
		t.Fatalf("saved is %+v", saved)
	}
	if _, err := b.SaveMapping(ctx, next); !problem.Has(err, "mapping_changed") {
		t.Errorf("writing over somebody else's: %v", err)
	}
	first, err := b.Mapping(ctx, saved.ID, 1)
	must(t, err)
	if first.Mapping.Name != "Deal" {
		t.Errorf("the first is %+v", first)
	}
	if _, err := b.TeamMapping(ctx, "tm_other", saved.ID); !problem.Has(err, "mapping_missing") {
		t.Errorf("another team reads it: %v", err)
	}
	_, err = b.SaveMapping(ctx, mapping.Kept{Team: "tm_other", Connection: b.mapping.Connection, Mapping: next.Mapping})
	if !problem.Has(err, "connection_missing") {
		t.Errorf("another team uses the connection: %v", err)
	}
	mustBe(t, b.DeleteConnection(ctx, b.team.ID, b.mapping.Connection), "connection_used")
}

func TestAConnectionIsWatchedForWhatItsEnabledMappingsWaitFor(t *testing.T) {
	b := newBureau(t)
	off, elsewhere := b.mapping, connectors.Connection{ID: id.New(id.Connection), Team: b.team.ID, System: "office", Name: "Other", CreatedAt: noon}
	must(t, b.SaveConnection(ctx, elsewhere))
	off.ID, off.Version, off.Enabled, off.Mapping.Record = "", 0, false, "Case"
	_, err := b.SaveMapping(ctx, off)
	must(t, err)
	same := off
	same.Enabled, same.Mapping.Record = true, b.mapping.Mapping.Record
	_, err = b.SaveMapping(ctx, same)
	must(t, err)
	for connection, want := range map[string][]string{b.mapping.Connection: {b.mapping.Mapping.Record}, elsewhere.ID: {}} {
		got, err := b.WatchedTypes(ctx, connection)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("watched are %q and not %q", got, want)
		}
	}
}

func TestNewsIsHeardOnce(t *testing.T) {
	b := newBureau(t)
	con := b.mapping.Connection
	must(t, b.Hear(ctx, con, "n"))
	must(t, b.Hear(ctx, con, "n"))
	for news, want := range map[string]bool{"n": true, "m": false} {
		if heard, err := b.Heard(ctx, con, news); err != nil || heard != want {
			t.Errorf("%s: heard %v, %v", news, heard, err)
		}
	}
	must(t, b.SetCursor(ctx, con, "7"))
	must(t, b.SetCursor(ctx, con, "8"))
	if at, err := b.Cursor(ctx, con); err != nil || at != "8" {
		t.Errorf("the cursor is %q, %v", at, err)
	}
}

// over lets an envelope have ended.
func (b *bureau) over(t *testing.T, e envelope.Envelope) {
	t.Helper()
	b.owner(t, `update envelopes set status = 'completed', ended_at = $2 where id = $1`, e.ID, noon.Add(time.Hour))
}

// finish lets the first journey be signed, written back and over.
func (b *bureau) finish(t *testing.T) {
	t.Helper()
	b.clerk.Now = func() time.Time { return noon.Add(2 * time.Hour) }
	e := b.travel(t)
	must(t, b.back(t, e))
	e = b.sign(t, e)
	must(t, b.back(t, e))
	b.over(t, e)
}

// promptly does at once what goes on by itself.
type promptly struct{ *bureau }

func (p promptly) WriteBack(ctx context.Context, back activities.Back) error {
	return p.clerk.WriteBack(ctx, back)
}
func (promptly) Survey(context.Context, mapping.Survey) error  { return nil }
func (promptly) Watch(context.Context, string, []string) error { return nil }
func (promptly) Reconcile(context.Context, string) error       { return nil }
func (promptly) Hear(context.Context, activities.Told) error   { return nil }

// decide is what a person says about the one journey there is.
func (b *bureau) decide(t *testing.T, what integration.Decision) {
	t.Helper()
	desk := &integration.Desk{Records: b.Store, Clerk: b.clerk, Later: promptly{b}}
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	must(t, desk.Retry(ctx, j, what))
}

func (b *bureau) reconciled(t *testing.T, want connectors.Comparison) connectors.Journey {
	t.Helper()
	must(t, b.clerk.Reconcile(ctx, b.mapping.Connection))
	account, err := b.Connection(ctx, b.mapping.Connection)
	must(t, err)
	want.At = b.clerk.Now()
	if diff := cmp.Diff(want, account.Compared); diff != "" {
		t.Error(diff)
	}
	j, err := b.Journey(ctx, b.begun[0])
	must(t, err)
	return j
}

func TestAWriteBackThatWasLostIsMadeAfterAnHour(t *testing.T) {
	b := newBureau(t)
	e := b.sign(t, b.travel(t))
	now := noon.Add(30 * time.Minute)
	b.clerk.Now = func() time.Time { return now }
	b.reconciled(t, connectors.Comparison{})
	now = noon.Add(48 * time.Hour)
	b.over(t, e)
	found, err := b.clerk.Reconcilable(ctx)
	must(t, err)
	if !slices.Equal(found, []string{b.mapping.Connection}) {
		t.Errorf("to be compared are %v", found)
	}
	if j := b.reconciled(t, connectors.Comparison{Repaired: 1, Same: 1}); j.Status != connectors.Finished || b.office.fields["Stage"] != "Signed" {
		t.Errorf("the journey is %s, the record says %v", j.Status, b.office.fields)
	}
	b.reconciled(t, connectors.Comparison{Same: 1})
	if b.office.writes != 1 {
		t.Errorf("written %d times", b.office.writes)
	}
}

func TestWhatIsChangedAfterTheEndIsTheirsUntilSomebodyDecides(t *testing.T) {
	b := newBureau(t)
	b.finish(t)
	j := b.reconciled(t, connectors.Comparison{Same: 1})
	if j.Status != connectors.Finished {
		t.Fatalf("the journey is %s", j.Status)
	}
	b.office.change(map[string]any{"By": strings.Repeat("Eve\x00", 40), "Amount": json.Number("2")})
	j = b.reconciled(t, connectors.Comparison{Drifted: 1})
	if j.Status != connectors.Attention || !strings.Contains(j.Words, "By says Eve") || strings.Contains(j.Words, "Amount") || strings.Contains(j.Words, "\x00") || len(j.Words) > 300 {
		t.Fatalf("%+v", j)
	}
	if b.reconciled(t, connectors.Comparison{}); b.office.fields["By"] == "Ada Lovelace" { // it waits for somebody
		t.Fatal("it was written over what somebody has changed")
	}
	b.decide(t, integration.Ours)
	if j = b.reconciled(t, connectors.Comparison{Same: 1}); j.Status != connectors.Finished || b.office.fields["By"] != "Ada Lovelace" || len(b.office.files) != 1 {
		t.Errorf("after ours the journey is %s, the record says %v", j.Status, b.office.fields)
	}
	b.office.change(map[string]any{"By": "Eve"})
	b.reconciled(t, connectors.Comparison{Drifted: 1})
	b.decide(t, integration.Theirs)
	if j = b.reconciled(t, connectors.Comparison{Same: 1}); j.Status != connectors.Finished || b.office.fields["By"] != "Eve" {
		t.Errorf("after theirs the journey is %s, the record says %v", j.Status, b.office.fields)
	}
}

func TestAMappingThatIsRefusedByNowHoldsUpNoComparison(t *testing.T) {
	b := newBureau(t)
	b.finish(t)
	b.reconciled(t, connectors.Comparison{Same: 1})
	stricter := b.mapping
	stricter.Mapping.Start.When = "a word that has no meaning"
	stricter, err := b.SaveMapping(ctx, stricter)
	must(t, err)
	b.owner(t, `update journeys set version = $2 where id = $1`, b.begun[0], stricter.Version)
	b.reconciled(t, connectors.Comparison{Same: 1})
}
