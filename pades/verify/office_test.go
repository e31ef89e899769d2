package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/pades/tsp"
	"chancery/pades/verify"
	"chancery/pki"
)

// office signs documents as the hub does, with the writer whose work is judged.
type office struct {
	authority *pki.Authority
	stamps    *tsp.Authority
	now       time.Time
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{now: time.Now().Truncate(time.Second)}
	var err error
	if o.authority, err = pki.Create(rand.Reader, o.now.Add(-time.Hour), pki.Options{Organisation: "Example Ltd"}); err != nil {
		t.Fatal(err)
	}
	tsa := o.authority.TSA()
	o.stamps, err = tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: tsa.Certificate, Chain: tsa.Chain, Key: tsa.Signer,
		Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Now: func() time.Time { return o.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) holder(h pki.Holder) pades.Holder {
	return pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer, Timestamper: o.stamps}
}

// job is a document on its way.
type job struct {
	*office
	t    testing.TB
	file []byte
	plan pades.Plan
}

// sent certifies a document for Ann and Bob.
func (o *office) sent(t testing.TB, original []byte, level pades.Level) *job {
	t.Helper()
	at := func(x, y, w, h float64) pades.Rect { return pades.Rect{X: x, Y: y, Width: w, Height: h} }
	spec := pades.Spec{
		Recipients: []string{"ann", "bob"}, Name: "Example Ltd", Reason: "Sent for signature", Level: level,
		Fields: []pades.Field{
			{ID: "name", Recipient: "ann", Kind: pades.Text, Rect: at(60, 80, 200, 20), Label: "Your name"},
			{ID: "box", Recipient: "ann", Kind: pades.Checkbox, Rect: at(60, 110, 16, 16)},
			{ID: "ann", Recipient: "ann", Kind: pades.Signature, Rect: at(60, 140, 200, 60)},
			{ID: "bob", Recipient: "bob", Kind: pades.Signature, Rect: at(60, 240, 200, 60)},
			{ID: "note", Recipient: "bob", Kind: pades.Text, Multiline: true, Rect: at(300, 240, 200, 60)},
		},
	}
	j := &job{office: o, t: t, file: bytes.Clone(original)}
	more, plan, err := pades.Certify(t.Context(), bytes.NewReader(original), int64(len(original)), spec, o.holder(o.authority.Certifier()), o.now)
	j.grow(more, plan, err)
	return j
}

func (j *job) grow(more []byte, plan pades.Plan, err error) {
	j.t.Helper()
	if err != nil {
		j.t.Fatal(err)
	}
	j.file, j.plan = append(j.file, more...), plan
}

func (j *job) signs(who string, values map[string]string) *job {
	j.t.Helper()
	act := pades.Act{Recipient: who, Name: strings.ToUpper(who), Email: who + "@example.com", ID: who, Values: values, Text: []string{who}}
	h, err := j.authority.IssueSigner(context.Background(), pki.Person{Name: act.Name, Email: act.Email, ID: who}, j.now)
	if err != nil {
		j.t.Fatal(err)
	}
	more, plan, err := pades.Approve(context.Background(), j.plan, act, j.holder(h), j.now)
	j.grow(more, plan, err)
	return j
}

func (j *job) annSigns() *job {
	return j.signs("ann", map[string]string{"name": "Ann Lee", "box": "true"})
}

func (j *job) bobSigns() *job { return j.signs("bob", map[string]string{"note": "Agreed."}) }

func (j *job) sealed() *job {
	j.t.Helper()
	more, plan, err := pades.Seal(context.Background(), j.plan, j.holder(j.authority.Sealer()), pades.SealSpec{Name: "Example Ltd"}, j.now)
	j.grow(more, plan, err)
	return j
}

func (j *job) closed() *job {
	j.t.Helper()
	more, plan, err := pades.Close(context.Background(), j.plan, j.proof())
	j.grow(more, plan, err)
	return j
}

func (j *job) renewed() *job {
	j.t.Helper()
	more, plan, err := pades.Renew(context.Background(), j.plan, j.proof())
	j.grow(more, plan, err)
	return j
}

func (j *job) proof() pades.Proof {
	j.t.Helper()
	evidence, err := pades.Gather(context.Background(), bytes.NewReader(j.file), int64(len(j.file)), j.authority.Roots(), j.authority)
	if err != nil {
		j.t.Fatal(err)
	}
	return pades.Proof{Evidence: evidence, Timestamper: j.stamps}
}

func (o *office) strict() verify.Options {
	return verify.Options{Roots: o.authority.Roots(), Now: o.now.Add(time.Hour), Strict: true}
}

func (o *office) tolerant() verify.Options {
	return verify.Options{Roots: o.authority.Roots(), Now: o.now.Add(time.Hour)}
}

func verdict(file []byte, options verify.Options) (verify.Report, error) {
	return verify.Verify(context.Background(), bytes.NewReader(file), int64(len(file)), options)
}

// agreement is a document of two pages.
func agreement() []byte {
	p := paper.New("Services agreement", time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	p.Title("Services agreement")
	p.Paragraph(strings.Repeat("Both parties agree. ", 30))
	p.PageBreak()
	p.Paragraph("The second page.")
	return p.Bytes()
}

func TestEveryStepOfADocumentOfOursIsUnchanged(t *testing.T) {
	o := newOffice(t)
	j := o.sent(t, agreement(), pades.LevelLTA)
	for _, step := range []struct {
		name string
		take func() *job
	}{
		{"sent", func() *job { return j }}, {"Ann signs", j.annSigns}, {"Bob signs", j.bobSigns},
		{"sealed", j.sealed}, {"closed", j.closed}, {"renewed", j.renewed}, {"renewed again", j.renewed},
	} {
		file := step.take().file
		for _, options := range []verify.Options{o.strict(), o.tolerant()} {
			report, err := verdict(file, options)
			if err != nil || report.Verdict != verify.Unchanged || !report.Certified {
				t.Errorf("%s, strict %t: %s %v %+v", step.name, options.Strict, report.Verdict, err, report)
			}
		}
	}
	report, err := verdict(j.file, o.strict())
	if err != nil {
		t.Fatal(err)
	}
	if report.Level != verify.LevelLTA {
		t.Errorf("level %s: %+v", report.Level, report.Signatures)
	}
	var roles []verify.Role
	for _, s := range report.Signatures {
		roles = append(roles, s.Role)
		if s.Trust != verify.Trusted || s.ProvenAt == nil || len(s.Path) < 3 {
			t.Errorf("%+v", s)
		}
	}
	want := []verify.Role{verify.Certification, verify.Approval, verify.Approval, verify.Seal, verify.Timestamp, verify.Timestamp, verify.Timestamp}
	if !slices.Equal(roles, want) {
		t.Errorf("roles %v", roles)
	}
}

func TestTheLevelIsTheOneThatWasAskedFor(t *testing.T) {
	o := newOffice(t)
	for _, level := range pades.Levels() {
		j := o.sent(t, agreement(), level).annSigns().bobSigns().sealed()
		if level == pades.LevelLT || level == pades.LevelLTA {
			j.closed()
		}
		report, err := verdict(j.file, o.strict())
		if err != nil || report.Level != level {
			t.Errorf("%s: the file says %q (%v) %+v", level, report.Level, err, report.Signatures)
		}
	}
}

// crowd is a document that many people have signed, each with fields of their own.
func (o *office) crowd(t testing.TB, signers int) []byte {
	t.Helper()
	original := agreement()
	spec := pades.Spec{Name: "Example Ltd"}
	for i := range signers {
		who := fmt.Sprintf("r%d", i)
		spec.Recipients = append(spec.Recipients, who)
		for f := range 5 {
			spec.Fields = append(spec.Fields, pades.Field{
				ID: fmt.Sprintf("%s_%d", who, f), Recipient: who, Kind: pades.Text, Rect: pades.Rect{X: 60, Y: 80, Width: 200, Height: 20},
			})
		}
	}
	j := &job{office: o, t: t, file: bytes.Clone(original)}
	more, plan, err := pades.Certify(context.Background(), bytes.NewReader(original), int64(len(original)), spec, o.holder(o.authority.Certifier()), o.now)
	j.grow(more, plan, err)
	for _, who := range spec.Recipients {
		j.signs(who, map[string]string{who + "_0": "x", who + "_1": "y"})
	}
	return j.file
}
