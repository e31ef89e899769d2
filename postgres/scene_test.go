package postgres_test

import (
	"context"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/team"
)

var ctx = context.Background()

// noon is when the tests' envelopes are made.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// scene is a team with a draft of two signers who are asked one after the other.
type scene struct {
	*postgres.Store
	database postgrestest.Database
	team     team.Team
	draft    envelope.Envelope
}

func newScene(t testing.TB) scene {
	t.Helper()
	database := postgrestest.New(t)
	s := scene{Store: database.Open(t), database: database}
	s.team = s.newTeam(t)
	s.draft = s.newDraft(t, s.team)
	return s
}

func (s scene) newTeam(t testing.TB) team.Team {
	t.Helper()
	o := team.Organisation{ID: id.New(id.Organisation), Name: "Example Ltd", Region: "eu"}
	must(t, s.CreateOrganisation(ctx, o))
	made := team.Team{ID: id.New(id.Team), Organisation: o.ID, Name: "Sales of Example", Kind: team.Sandbox,
		Preset: []string{"ada@example.com"}, Sender: envelope.Person{Name: "Sam Sender", Email: "sam@example.com"}, CreatedAt: noon}
	must(t, s.CreateTeam(ctx, made))
	return made
}

func (s scene) newDraft(t testing.TB, of team.Team) envelope.Envelope {
	t.Helper()
	doc := envelope.Document{ID: id.New(id.Document), Name: "Lease.pdf", Pages: []envelope.Size{{Width: 595, Height: 842}}, Size: 1234, SHA256: "ab12"}
	must(t, s.AddDocument(ctx, of.ID, doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: "uploads/" + doc.ID, Plan: []byte("plan 0")}))
	ada, bob := id.New(id.Recipient), id.New(id.Recipient)
	draft := envelope.Envelope{
		ID: id.New(id.Envelope), Team: of.ID, Status: envelope.Draft, Test: true, Title: "Lease of the mill", Message: "Please sign.", Tags: []string{"leases", "mills of Kent"},
		Sender: of.Sender, Documents: []envelope.Document{doc}, Lifetime: envelope.DefaultLifetime, CreatedAt: noon,
		Pace: envelope.Pace{First: 48 * time.Hour, Every: 24 * time.Hour, Most: 2},
		Recipients: []envelope.Recipient{
			{ID: ada, Person: envelope.Person{Name: "Ada Lovelace", Email: "ada@example.com"}, Role: envelope.Signer, Step: 1, Zone: "Europe/London", Status: envelope.Waiting, Place: ada, LinkVersion: 1},
			{ID: bob, Person: envelope.Person{Name: "Bob Builder", Email: "bob@example.com"}, Role: envelope.Signer, Step: 2, Status: envelope.Waiting, Place: bob, LinkVersion: 1},
		},
		Fields: []envelope.Field{{ID: id.New(id.Field), Recipient: ada, Document: doc.ID, Kind: envelope.SignatureField, Page: 1, X: 50, Y: 50, Width: 100, Height: 40}},
	}
	must(t, s.CreateDraft(ctx, draft, envelope.Evidence{Kind: envelope.NotedCreated, By: sam}))
	return draft
}

var sam = envelope.Actor{Kind: "user", ID: "usr_sam", Person: envelope.Person{Name: "Sam Sender", Email: "sam@example.com"}}

// send brings the draft on its way and returns it as it then stands.
func (s scene) send(t testing.TB, draft envelope.Envelope) envelope.Envelope {
	t.Helper()
	change, err := draft.Send(sam, envelope.Origin{Address: "192.0.2.7", Device: "Netscape"}, noon)
	must(t, err)
	change.Revisions = []envelope.Revision{revision(draft, 1)}
	must(t, s.Commit(ctx, change))
	return s.read(t, draft.ID)
}

func revision(e envelope.Envelope, number int) envelope.Revision {
	return envelope.Revision{Document: e.Documents[0].ID, Number: number, Size: 2000, SHA256: "cd34", Blob: "revisions/" + id.New(id.Document), Plan: []byte("plan")}
}

func (s scene) read(t testing.TB, envelopeID string) envelope.Envelope {
	t.Helper()
	e, err := s.Envelope(ctx, envelopeID)
	must(t, err)
	return e
}

// signing is the change of the first recipient's signature.
func signing(t testing.TB, e envelope.Envelope) envelope.Change {
	t.Helper()
	field := e.Fields[0]
	change, err := e.Record(envelope.Act{
		ID: id.New(id.Act), Envelope: e.ID, Recipient: e.Recipients[0].ID, Kind: envelope.Sign, Ink: envelope.Ink{Typed: "Ada Lovelace"},
		Values: map[string]string{field.ID: "signed"}, Origin: envelope.Origin{Address: "198.51.100.9", Device: "Lynx"},
	}, noon.Add(time.Hour))
	must(t, err)
	change.Revisions = []envelope.Revision{revision(e, 2)}
	return change
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func contextGone() (context.Context, context.CancelFunc) { return context.WithCancel(ctx) }
