package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"chancery/api"
	"chancery/envelope"
	"chancery/id"
	"chancery/pades"
	"chancery/papers"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
	"chancery/problem"
	"chancery/team"
	"chancery/webhooks"
)

// scene is a hub with two teams on a database of its own.
type scene struct {
	t          testing.TB
	store      *postgres.Store
	database   postgrestest.Database
	desk       *desk
	config     api.Config
	handler    http.Handler
	sandbox    caller
	production caller
}

// open makes a scene; adjust changes its configuration first.
func open(t testing.TB, adjust ...func(*api.Config)) *scene {
	t.Helper()
	database := postgrestest.New(t)
	store := database.Open(t)
	s := &scene{t: t, store: store, database: database, desk: &desk{store: store}}
	s.config = api.Config{
		Records: store, Desk: s.desk, Papers: shelf{}, Links: links{}, Integration: integrated(store),
		Hooks: webhooks.Policy{AllowLoopback: true, AllowHTTP: true},
	}
	for _, change := range adjust {
		change(&s.config)
	}
	handler, err := api.New(s.config)
	must(t, err)
	s.handler = handler
	contract, err := api.Contract(s.config)
	must(t, err)
	s.sandbox = caller{scene: s, contract: contract, key: s.team(team.Sandbox, "ada@example.com", "bob@example.com")}
	s.production = caller{scene: s, contract: contract, key: s.team(team.Production)}
	return s
}

// team makes one and returns its key.
func (s *scene) team(kind team.Kind, preset ...string) string {
	s.t.Helper()
	ctx := context.Background()
	o := team.Organisation{ID: id.New(id.Organisation), Name: "Example Ltd", Region: "eu"}
	must(s.t, s.store.CreateOrganisation(ctx, o))
	must(s.t, s.store.GrantFairUse(ctx, o.ID))
	made := team.Team{ID: id.New(id.Team), Organisation: o.ID, Name: "Sales", Kind: kind, Preset: preset,
		Sender: envelope.Person{Name: "Sam Sender", Email: "sam@example.com"}}
	must(s.t, s.store.CreateTeam(ctx, made))
	return s.keyOf(made, team.Key{})
}

// keyOf makes a key of the team; what k does not say, it is not.
func (s *scene) keyOf(of team.Team, k team.Key) string {
	s.t.Helper()
	shown, hash, err := team.NewKey(of.Kind, "eu", rand.Reader)
	must(s.t, err)
	k.ID, k.Team, k.Name = id.New(id.Key), of.ID, "CRM"
	must(s.t, s.store.CreateKey(context.Background(), k, hash))
	return shown
}

// desk remembers what it was asked, and does it without an engine.
type desk struct {
	store  *postgres.Store
	heard  []string
	broken error // what it answers after it has done as asked
}

func (d *desk) change(envelopeID, what string, next func(envelope.Envelope) (envelope.Change, error)) error {
	ctx := context.Background()
	d.heard = append(d.heard, what)
	e, err := d.store.Envelope(ctx, envelopeID)
	if err != nil {
		return err
	}
	c, err := next(e)
	if err != nil {
		return err
	}
	if err := d.store.Commit(ctx, c); err != nil {
		return err
	}
	return d.broken
}

// Send again is the same wish: the workflow grants it and changes nothing.
func (d *desk) Send(_ context.Context, envelopeID string, by envelope.Actor, origin envelope.Origin) error {
	return d.change(envelopeID, "send", func(e envelope.Envelope) (envelope.Change, error) {
		if e.Status == envelope.Sent {
			return envelope.Change{ID: envelope.ChangeSend, After: e}, nil
		}
		return e.Send(by, origin, time.Now())
	})
}

func (d *desk) Void(_ context.Context, envelopeID string, w envelope.Void) error {
	return d.change(envelopeID, "void "+w.Reason, func(e envelope.Envelope) (envelope.Change, error) { return e.Void(w, time.Now()) })
}

func (d *desk) Correct(_ context.Context, envelopeID string, w envelope.Correction) error {
	return d.change(envelopeID, "correct "+w.Person.Email, func(e envelope.Envelope) (envelope.Change, error) { return e.Correct(w, time.Now()) })
}

func (d *desk) Resend(_ context.Context, envelopeID string, w envelope.Resending) error {
	return d.change(envelopeID, "resend", func(e envelope.Envelope) (envelope.Change, error) { return e.Resend(w, time.Now()) })
}

// Advance does what the branch of its own will do.
func (d *desk) Advance(ctx context.Context, teamID, wish string, by time.Duration) error {
	d.heard = append(d.heard, "advance "+by.String())
	if _, err := d.store.AdvanceClock(context.WithoutCancel(ctx), teamID, wish, by); err != nil && problem.Of(err).Kind == problem.KindInternal {
		return err
	}
	return d.broken
}

func (d *desk) Redeliver(_ context.Context, deliveryIDs []string) error {
	d.heard = append(d.heard, fmt.Sprintf("redeliver %d", len(deliveryIDs)))
	return d.broken
}

// links are plain, so that a test can read them.
type links struct{}

func (links) SigningURL(_ envelope.Envelope, r envelope.Recipient, lifetime time.Duration, _ string) string {
	return "https://hub.example/s/" + r.ID + "?for=" + lifetime.String()
}

// shelf looks into uploads as the hub does, and keeps no bytes.
type shelf struct{}

func (shelf) Accept(ctx context.Context, name, _ string, r io.Reader, limit int64) (envelope.Document, envelope.Revision, error) {
	none := func(err error) (envelope.Document, envelope.Revision, error) {
		return envelope.Document{}, envelope.Revision{}, err
	}
	file, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return none(problem.Invalid("upload_broken", "The upload ended before the file was complete.").Because(err))
	case len(file) == 0:
		return none(problem.Invalid("document_empty", "The file is empty."))
	case int64(len(file)) > limit:
		return none(problem.TooLarge("document_too_large", "The file is too large."))
	}
	found, err := pades.Inspect(ctx, bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return none(err)
	}
	sum := sha256.Sum256(file)
	doc := envelope.Document{ID: id.New(id.Document), Name: name, Size: int64(len(file)), SHA256: hex.EncodeToString(sum[:])}
	doc.Report = &envelope.Report{Size: doc.Size, SHA256: doc.SHA256}
	for _, p := range found.Pages {
		doc.Pages = append(doc.Pages, envelope.Size(p))
	}
	return doc, envelope.Revision{Document: doc.ID, Size: doc.Size, SHA256: doc.SHA256, Blob: "uploads/" + doc.ID}, nil
}

func (shelf) Current(_ context.Context, _ envelope.Envelope, documentID string) ([]byte, error) {
	return []byte("%PDF-current " + documentID), nil
}

func (shelf) Final(_ context.Context, _ envelope.Envelope, documentID string) ([]byte, error) {
	return []byte("%PDF-final " + documentID), nil
}

func (shelf) AuditPDF(_ context.Context, e envelope.Envelope) ([]byte, error) {
	return []byte("%PDF-audit " + e.ID), nil
}

// Check says of every file what a hub that has issued nothing would say.
func (shelf) Check(ctx context.Context, file []byte) (papers.Opinion, error) {
	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{})
	return papers.Opinion{Answer: papers.NotSigned, Sentence: report.Sentence, Report: report}, err
}

// onePage is a PDF with one empty A4 page; trailer is added to its trailer.
func onePage(trailer string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n")
	var offsets []int
	for i, object := range []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
	} {
		offsets = append(offsets, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 4\n0000000000 65535 f \n")
	for _, at := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<</Size 4/Root 1 0 R/ID[<00><00>]%s>>\nstartxref\n%d\n%%%%EOF\n", trailer, table)
	return out.Bytes()
}

func encrypted() []byte {
	return onePage("/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -44/O<" + zeros + ">/U<" + zeros + ">>>")
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
