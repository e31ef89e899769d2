package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/cms"
	"chancery/pades/tsp"
	"chancery/pki"
	"chancery/problem"
)

// stamps is the desk's own time-stamping authority.
func (d desk) stamps(t testing.TB) pades.Timestamper {
	t.Helper()
	h := d.authority.TSA()
	a, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: asn1.ObjectIdentifier{2, 25, 7}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// paperwork takes a file to any level, and remembers its bytes.
type paperwork struct {
	desk
	t      testing.TB
	stamps pades.Timestamper
	file   []byte
	plan   pades.Plan
}

func (p *paperwork) took(more []byte, plan pades.Plan, err error) error {
	p.t.Helper()
	if err != nil {
		return err
	}
	p.file, p.plan = append(p.file, more...), p.desk.stored(p.t, plan)
	if p.plan.Size() != int64(len(p.file)) {
		p.t.Errorf("the plan says %d bytes, the file has %d", p.plan.Size(), len(p.file))
	}
	return nil
}

func (p *paperwork) holder(h pki.Holder) pades.Holder {
	out := holder(h)
	out.Timestamper = p.stamps
	return out
}

// signed takes original to its seal.
func signed(t testing.TB, original []byte, level pades.Level) (*paperwork, error) {
	t.Helper()
	d := newDesk(t)
	p := &paperwork{desk: d, t: t, stamps: d.stamps(t), file: bytes.Clone(original)}
	ctx := context.Background()
	spec := twoSigners(595, 842)
	if pages, err := pades.Inspect(ctx, bytes.NewReader(original), int64(len(original))); err == nil {
		spec = twoSigners(pages.Pages[0].Width, pages.Pages[0].Height)
	}
	spec.Level = level
	if err := p.took(pades.Certify(ctx, bytes.NewReader(original), int64(len(original)), spec, p.holder(d.authority.Certifier()), d.now)); err != nil {
		return nil, err
	}
	for _, act := range []pades.Act{annSigns(), bobSigns()} {
		signer := d.signer(t, act)
		signer.Timestamper = p.stamps
		if err := p.took(pades.Approve(ctx, p.plan, act, signer, d.now)); err != nil {
			return nil, err
		}
	}
	return p, p.took(pades.Seal(ctx, p.plan, p.holder(d.authority.Sealer()), pades.SealSpec{Name: "Example Ltd", Reason: "Complete"}, d.now))
}

// proven is signed with the proofs of its level.
func proven(t testing.TB, original []byte, level pades.Level) (*paperwork, error) {
	t.Helper()
	p, err := signed(t, original, level)
	if err != nil {
		return nil, err
	}
	return p, p.prove(pades.Close)
}

func (p *paperwork) prove(how func(context.Context, pades.Plan, pades.Proof) ([]byte, pades.Plan, error)) error {
	p.t.Helper()
	ctx := context.Background()
	proof := pades.Proof{Timestamper: p.stamps}
	if p.plan.Level == pades.LevelLT || p.plan.Level == pades.LevelLTA {
		var err error
		proof.Evidence, err = pades.Gather(ctx, bytes.NewReader(p.file), int64(len(p.file)), p.roots(), p.authority)
		if err != nil {
			return err
		}
	}
	return p.took(how(ctx, p.plan, proof))
}

func (p *paperwork) verdict() pades.Report {
	p.t.Helper()
	report, err := pades.Verify(context.Background(), bytes.NewReader(p.file), int64(len(p.file)),
		pades.VerifyOptions{Roots: p.roots(), Now: time.Now().Add(time.Minute), Strict: true})
	if err != nil {
		p.t.Fatal(err)
	}
	return report
}

func (p *paperwork) wantUnchanged(level pades.Level) {
	p.t.Helper()
	report := p.verdict()
	if report.Verdict != verdictOf(level) || report.Level != level || p.plan.Reached() != level {
		p.t.Errorf("the verdict is %s at %s, the plan says %s", report.Verdict, report.Level, p.plan.Reached())
		for _, s := range report.Signatures {
			p.t.Logf("%s %s: level %s (%s), trust %s, revocation %s, findings %v", s.Role, s.Name, s.Level, s.LevelReason, s.Trust, s.Revocation, s.Findings)
		}
		for _, r := range report.Revisions {
			for _, c := range r.Changes {
				if !c.Allowed {
					p.t.Logf("revision %d: %s", r.Number, c.Sentence)
				}
			}
		}
	}
}

// verdictOf is what a finished document of a level gets: at B-LT the evidence
// follows the last signature, and no timestamp covers it.
func verdictOf(level pades.Level) pades.Verdict {
	if level == pades.LevelLT {
		return pades.Permitted
	}
	return pades.Unchanged
}

func TestADocumentReachesTheLevelThatWasAskedFor(t *testing.T) {
	for _, level := range pades.Levels() {
		t.Run(string(level), func(t *testing.T) {
			p, err := proven(t, twoPages(), level)
			if err != nil {
				t.Fatal(err)
			}
			p.wantUnchanged(level)
			if dir := os.Getenv("CHANCERY_ARTEFACTS"); dir != "" {
				os.MkdirAll(dir, 0o755)
				os.WriteFile(filepath.Join(dir, "level-"+string(level)+".pdf"), p.file, 0o644)
			}
		})
	}
}

func TestARenewedDocumentIsStillUnchanged(t *testing.T) {
	p, err := proven(t, twoPages(), pades.LevelLTA)
	if err != nil {
		t.Fatal(err)
	}
	for n := 2; n <= 4; n++ {
		if err := p.prove(pades.Renew); err != nil {
			t.Fatal(err)
		}
		p.wantUnchanged(pades.LevelLTA)
		stamps := 0
		for _, s := range p.verdict().Signatures {
			if s.Role == pades.Stamping {
				stamps++
			}
		}
		if stamps != n {
			t.Errorf("%d document timestamps, want %d", stamps, n)
		}
	}
}

func TestOnlyWhatHasProofsCanBeRenewed(t *testing.T) {
	p, err := proven(t, twoPages(), pades.LevelLT)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.prove(pades.Renew); !problem.Has(err, "document_without_proofs") {
		t.Errorf("the answer is %v", err)
	}
	if err := p.prove(pades.Close); !problem.Has(err, "document_closed") {
		t.Errorf("closing twice answers %v", err)
	}
}

// away is an authority that cannot be reached.
type away struct{}

var errAway = problem.Away("timestamp_unavailable", "No time-stamping authority can be reached.")

func (away) Timestamp(context.Context, []byte) ([]byte, error) { return nil, errAway }

func TestWithoutATimestampNothingIsSigned(t *testing.T) {
	d := newDesk(t)
	file := twoPages()
	spec := twoSigners(595, 842)
	spec.Level = pades.LevelT
	h := holder(d.authority.Certifier())
	certify := func() ([]byte, pades.Plan, error) {
		return pades.Certify(t.Context(), bytes.NewReader(file), int64(len(file)), spec, h, d.now)
	}
	if _, _, err := certify(); err == nil {
		t.Error("a holder without a timestamper signed at B-T")
	}
	h.Timestamper = away{}
	if more, _, err := certify(); !errors.Is(err, errAway) || more != nil {
		t.Errorf("%d bytes, %v", len(more), err)
	}
}

func TestAnAuthorityThatSendsManyCertificatesGetsTheRoomItNeeds(t *testing.T) {
	p, err := signed(t, twoPages(), pades.LevelLTA)
	if err != nil {
		t.Fatal(err)
	}
	h := p.authority.TSA()
	for range 12 {
		h.Chain = append(h.Chain, p.signer(t, annSigns()).Certificate)
	}
	if p.stamps, err = tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: asn1.ObjectIdentifier{2, 25, 7}, Now: time.Now,
	}); err != nil {
		t.Fatal(err)
	}
	if err := p.prove(pades.Close); err != nil {
		t.Fatal(err)
	}
	p.wantUnchanged(pades.LevelLTA)
}

func TestASignatureMadeElsewhereIsOneOfOurs(t *testing.T) {
	d := newDesk(t)
	file := twoPages()
	more, plan, err := pades.Certify(t.Context(), bytes.NewReader(file), int64(len(file)), twoSigners(595, 842), holder(d.authority.Certifier()), d.now)
	if err != nil {
		t.Fatal(err)
	}
	file = append(file, more...)
	h := d.signer(t, annSigns())
	room, err := cms.Room(h.Certificate, h.Chain, 0)
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := pades.Next(plan, annSigns(), room, d.now)
	if err != nil {
		t.Fatal(err)
	}
	packed, err := prepared.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	// The key is somewhere else, and answers another day.
	attributes := prepared.Attributes(h.Certificate)
	digest := sha256.Sum256(attributes)
	value, err := h.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var kept pades.Pending
	if err := kept.UnmarshalBinary(packed); err != nil {
		t.Fatal(err)
	}
	container, err := cms.Assemble(attributes, value, h.Certificate, h.Chain)
	if err != nil {
		t.Fatal(err)
	}
	if more, _, err = pades.Finish(kept, container); err != nil {
		t.Fatal(err)
	}
	file = append(file, more...)
	report, err := pades.Verify(t.Context(), bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: d.roots(), Strict: true})
	if err != nil || report.Verdict != pades.Unchanged || len(report.Signatures) != 2 {
		t.Errorf("the verdict is %s: %v, %v", report.Verdict, report.Signatures, err)
	}
}
