package judges

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/tsp"
	"chancery/pki"
)

// office signs files as a hub does, and answers whoever checks its certificates.
type office struct {
	authority *pki.Authority
	stamps    *tsp.Authority
	now       time.Time
}

func newOffice(t testing.TB, algorithm pki.Algorithm) *office {
	t.Helper()
	now := time.Now()
	var answers http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answers.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	a, err := pki.Create(rand.Reader, now, pki.Options{Organisation: "Example Ltd", Country: "DE", Algorithm: algorithm, URL: server.URL})
	must(t, err)
	answers = pki.Handler(slog.New(slog.DiscardHandler), a)
	h := a.TSA()
	stamps, err := tsp.NewAuthority(tsp.AuthorityOptions{Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: asn1.ObjectIdentifier{2, 25, 9}, Now: time.Now})
	must(t, err)
	return &office{a, stamps, now}
}

// writeRoot keeps the root where the judges look for it.
func (o *office) writeRoot(t testing.TB, path string) {
	t.Helper()
	var out bytes.Buffer
	for _, root := range o.authority.Roots() {
		must(t, pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}))
	}
	must(t, os.WriteFile(path, out.Bytes(), 0o644))
}

func (o *office) holder(h pki.Holder) pades.Holder {
	return pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer, Timestamper: o.stamps}
}

// document is a file on its way to its level.
type document struct {
	*office
	file   []byte
	plan   pades.Plan
	sealed int // bytes up to the seal
}

func (d *document) take(more []byte, plan pades.Plan, err error) error {
	if err == nil {
		d.file, d.plan = append(d.file, more...), plan
	}
	return err
}

// people sign on the first page, one of them with a field beside it.
var people = []pki.Person{{Name: "Zoë Žižková", Email: "zoe@example.com", ID: "zoe"}, {Name: "山田 太郎", Email: "taro@example.com", ID: "taro"}}

func spec(page pades.PageSize, level pades.Level) pades.Spec {
	at := func(x, y, w, h float64) pades.Rect { // some pages are smaller than a stamp
		w, h = max(3, w*page.Width), max(3, h*page.Height)
		return pades.Rect{X: min(x*page.Width, page.Width-w), Y: min(y*page.Height, page.Height-h), Width: w, Height: h}
	}
	return pades.Spec{
		Recipients: []string{"zoe", "taro"}, Name: "Example Ltd", Reason: "Sent for signature", Level: level,
		Fields: []pades.Field{
			{ID: "zoe_sign", Recipient: "zoe", Kind: pades.Signature, Rect: at(.05, .8, .4, .1)},
			{ID: "zoe_city", Recipient: "zoe", Kind: pades.Text, Rect: at(.05, .92, .4, .05)},
			{ID: "taro_sign", Recipient: "taro", Kind: pades.Signature, Rect: at(.55, .8, .4, .1)},
		},
	}
}

// sign takes a file to its level: certified, signed by two, sealed, proven.
func (o *office) sign(ctx context.Context, original []byte, page pades.PageSize, level pades.Level) (*document, error) {
	d := &document{office: o, file: bytes.Clone(original)}
	if err := d.take(pades.Certify(ctx, bytes.NewReader(original), int64(len(original)), spec(page, level), o.holder(o.authority.Certifier()), o.now)); err != nil {
		return nil, fmt.Errorf("certify: %w", err)
	}
	for _, p := range people {
		h, err := o.authority.IssueSigner(ctx, p, o.now)
		if err != nil {
			return nil, err
		}
		act := pades.Act{Recipient: p.ID, Name: p.Name, Email: p.Email, ID: p.ID, Values: map[string]string{}, Text: []string{p.Name, "2026-05-04 12:00 UTC", p.ID}}
		if p.ID == "zoe" {
			act.Values["zoe_city"] = "Brno"
		}
		if err := d.take(pades.Approve(ctx, d.plan, act, o.holder(h), o.now)); err != nil {
			return nil, fmt.Errorf("approve: %w", err)
		}
	}
	if err := d.take(pades.Seal(ctx, d.plan, o.holder(o.authority.Sealer()), pades.SealSpec{Name: "Example Ltd", Reason: "Complete"}, o.now)); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	d.sealed = len(d.file)
	return d, d.prove(ctx, pades.Close)
}

func (d *document) prove(ctx context.Context, how func(context.Context, pades.Plan, pades.Proof) ([]byte, pades.Plan, error)) error {
	proof := pades.Proof{Timestamper: d.stamps}
	if d.plan.Level == pades.LevelLT || d.plan.Level == pades.LevelLTA {
		var err error
		if proof.Evidence, err = pades.Gather(ctx, bytes.NewReader(d.file), int64(len(d.file)), d.authority.Roots(), d.authority); err != nil {
			return fmt.Errorf("gather: %w", err)
		}
	}
	return d.take(how(ctx, d.plan, proof))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
