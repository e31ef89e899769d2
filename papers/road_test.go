package papers_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/audit"
	"chancery/envelope"
	"chancery/pades"
	"chancery/papers"
	"chancery/pki"
	"chancery/problem"
)

// shelf is the database of one envelope.
type shelf struct {
	revisions map[string][]envelope.Revision
	notes     []envelope.Evidence
	trails    []string // digests
}

func (s *shelf) Revisions(_ context.Context, _, document string) ([]envelope.Revision, error) {
	return s.revisions[document], nil
}

func (s *shelf) Trail(context.Context, string) ([]audit.Entry, error) { return nil, nil }

func (s *shelf) Note(_ context.Context, _ string, e envelope.Evidence) error {
	s.notes = append(s.notes, e)
	return nil
}

func (s *shelf) NoteIssued(_ context.Context, _, digest string, at time.Time) error {
	s.trails = append(s.trails, digest)
	return nil
}

func (s *shelf) Issued(_ context.Context, digests []string) (map[string]envelope.Issue, error) {
	found := map[string]envelope.Issue{}
	for _, all := range s.revisions {
		for i, r := range all {
			if slices.Contains(digests, r.SHA256) && i > 0 {
				found[r.SHA256] = envelope.Issue{Revision: r.Number, Final: i == len(all)-1}
			}
		}
	}
	for _, trail := range s.trails {
		if slices.Contains(digests, trail) {
			found[trail] = envelope.Issue{Trail: true, Final: true}
		}
	}
	return found, nil
}

func (s *shelf) keep(revisions ...envelope.Revision) {
	for _, r := range revisions {
		s.revisions[r.Document] = append(s.revisions[r.Document], r)
	}
}

// road is an envelope with one signer on its way through the papers.
type road struct {
	*papers.Papers
	*shelf
	t   *testing.T
	e   envelope.Envelope
	now time.Time
}

func newRoad(t *testing.T, level pades.Level, test bool) *road {
	t.Helper()
	p := newPapers(t)
	now := time.Now()
	house := func(sandbox bool) *papers.House {
		a, err := pki.Create(rand.Reader, now, pki.Options{Organisation: "Example Ltd", Sandbox: sandbox, URL: "http://127.0.0.1:8080"})
		if err != nil {
			t.Fatal(err)
		}
		return &papers.House{Authority: a}
	}
	s := &shelf{revisions: map[string][]envelope.Revision{}}
	p.Records, p.Level, p.Sandbox, p.Production = s, level, house(true), house(false)
	doc, upload, err := p.Accept(t.Context(), "Lease.pdf", "", bytes.NewReader(onePage("")), uploadLimit)
	if err != nil {
		t.Fatal(err)
	}
	s.keep(upload)
	return &road{Papers: p, shelf: s, t: t, now: now, e: envelope.Envelope{
		ID: "env_1", Test: test, Status: envelope.Sent, Title: "Lease", Sender: envelope.Person{Name: "Sam", Email: "sam@example.com"},
		Documents:  []envelope.Document{doc},
		Recipients: []envelope.Recipient{{ID: "rcp_ann", Place: "rcp_ann", Person: envelope.Person{Name: "Ann Lee", Email: "ann@example.com"}, Role: envelope.Signer, Step: 1}},
	}}
}

func (r *road) certify() error { return r.take(r.Certify(r.t.Context(), r.e, r.now)) }

func (r *road) sign() error {
	act := envelope.Act{ID: "act_1", Envelope: r.e.ID, Recipient: "rcp_ann", Kind: envelope.Sign, Ink: envelope.Ink{Typed: "Ann Lee"}}
	return r.take(r.Sign(r.t.Context(), r.e, act, r.now))
}

func (r *road) seal() error { return r.take(r.Seal(r.t.Context(), r.e, r.now)) }

func (r *road) take(revisions []envelope.Revision, err error) error {
	r.keep(revisions...)
	return err
}

func (r *road) newest() envelope.Revision {
	all := r.revisions[r.e.Documents[0].ID]
	return all[len(all)-1]
}

func (r *road) verdict(roots []*x509.Certificate) pades.Report {
	r.t.Helper()
	file, err := r.Current(r.t.Context(), r.e, r.e.Documents[0].ID)
	if err != nil {
		r.t.Fatal(err)
	}
	report, err := pades.Verify(r.t.Context(), bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: roots, Strict: true})
	if err != nil {
		r.t.Fatal(err)
	}
	return report
}

func TestADocumentGoesTheWholeRoadToItsLevel(t *testing.T) {
	for _, level := range pades.Levels() {
		for _, test := range []bool{true, false} {
			r := newRoad(t, level, test)
			for _, step := range []func() error{r.certify, r.sign, r.seal} {
				if err := step(); err != nil {
					t.Fatalf("%s: %v", level, err)
				}
			}
			house := r.Production
			if test {
				house = r.Sandbox
			}
			if report := r.verdict(house.Authority.Roots()); report.Level != level || report.Verdict == pades.Broken {
				t.Errorf("%s: the verdict is %s at level %s", level, report.Verdict, report.Level)
			}
			if renewable := !r.newest().RenewAt.IsZero(); renewable != (level == pades.LevelLTA) {
				t.Errorf("%s: its proofs are due at %s", level, r.newest().RenewAt)
			}
		}
	}
}

func TestASandboxDocumentNeverLeadsToTheProductionRoot(t *testing.T) {
	r := newRoad(t, pades.LevelLTA, true)
	for _, step := range []func() error{r.certify, r.sign, r.seal} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	report := r.verdict(r.Production.Authority.Roots())
	if report.Verdict != pades.Broken {
		t.Errorf("the verdict is %s", report.Verdict)
	}
	for _, s := range report.Signatures {
		if s.Trust != pades.Untrusted || !strings.Contains(strings.Join(s.Path, " ")+s.Name+s.Organisation, "Sandbox") && s.Role != pades.Approval {
			t.Errorf("%s of %s is %s by %v", s.Role, s.Name, s.Trust, s.Path)
		}
	}
}

func TestAFinishedDocumentIsRenewed(t *testing.T) {
	r := newRoad(t, pades.LevelLTA, false)
	for _, step := range []func() error{r.certify, r.sign, r.seal} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	due := r.newest().RenewAt
	if due.Before(r.now.AddDate(1, 0, 0)) || due.After(r.now.AddDate(5, 0, 1)) {
		t.Errorf("its proofs are due at %s", due)
	}
	renewed, err := r.Renew(t.Context(), r.e, r.e.Documents[0].ID, r.now)
	if err != nil {
		t.Fatal(err)
	}
	r.keep(renewed)
	report := r.verdict(r.Production.Authority.Roots())
	if report.Verdict != pades.Unchanged || report.Level != pades.LevelLTA || renewed.RenewAt.Before(due) {
		t.Errorf("the verdict is %s at level %s, due at %s", report.Verdict, report.Level, renewed.RenewAt)
	}
}

// dead cannot be reached.
type dead struct{}

func (dead) Timestamp(context.Context, []byte) ([]byte, error) {
	return nil, problem.Away(envelope.TimestampAway, "No time-stamping authority can be reached.")
}

func TestWithoutATimestampNothingIsKept(t *testing.T) {
	r := newRoad(t, pades.LevelLTA, false)
	if err := r.certify(); err != nil {
		t.Fatal(err)
	}
	r.Production.Timestamper = dead{}
	if err := r.sign(); !problem.Has(err, envelope.TimestampAway) {
		t.Errorf("the answer is %v", err)
	}
	if got := r.newest().Number; got != 1 {
		t.Errorf("revision %d was kept", got)
	}
}
