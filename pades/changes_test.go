package pades_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding"
	"fmt"
	"slices"
	"testing"

	"chancery/pades"
	"chancery/pades/paper"
	"chancery/pades/pdf"
)

// Somebody changes the file between two signatures, and the next person signs
// what they were given. Every digest is right then; only a comparison of the
// revisions shows that the first signer never agreed to that.
func TestChangesBetweenSignaturesAreNoticed(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object)
		allowed bool
	}{
		"a page gets other content": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			page := dict(t, f, p.Fields[0].Page)
			page["Contents"] = pdf.Ref{Num: 99}
			return p.Fields[0].Page, page
		}, false},
		"a font is overwritten": {func(_ *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			return p.Laid[0].Ref, pdf.Dict{"Type": pdf.Name("Font")}
		}, false},
		"a field that Ann has locked gets another value": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			field := dict(t, f, p.Fields[0].Ref)
			field["V"] = pdf.Text("something else")
			return p.Fields[0].Ref, field
		}, false},
		"Ann's signature is taken away": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			field := dict(t, f, p.Fields[4].Ref)
			delete(field, "V")
			return p.Fields[4].Ref, field
		}, false},
		"Bob's open field moves": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			field := dict(t, f, p.Fields[7].Ref)
			field["Rect"] = pdf.Array{0, 0, 10, 10}
			return p.Fields[7].Ref, field
		}, false},
		"the catalog gets a script": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			ref, root, err := f.Root()
			if err != nil {
				t.Fatal(err)
			}
			catalog := root.Clone()
			catalog["OpenAction"] = pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.Text("1")}
			return ref, catalog
		}, false},
		"Bob's open field gets a value": {func(f *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			field := dict(t, f, p.Fields[7].Ref)
			field["V"] = pdf.Text("a note")
			return p.Fields[7].Ref, field
		}, true},
		"an object is added that nothing shows": {func(_ *pdf.File, p pades.Plan) (pdf.Ref, pdf.Object) {
			return pdf.Ref{Num: p.State.NextObject + 5}, pdf.Dict{}
		}, true},
	} {
		report := changedBetween(t, tt.change)
		found := slices.ContainsFunc(report.Signatures, func(s pades.SignatureReport) bool {
			return slices.ContainsFunc(s.Findings, func(f pades.Finding) bool { return f.Code == "change_not_allowed" })
		})
		if found == tt.allowed {
			t.Errorf("%s: %s %+v", name, report.Verdict, report.Signatures)
		}
	}
}

func dict(t *testing.T, f *pdf.File, ref pdf.Ref) pdf.Dict {
	t.Helper()
	d, err := f.Dict(ref)
	if err != nil {
		t.Fatal(err)
	}
	return d.Clone()
}

// changedBetween lets Ann sign, changes one object, and lets Bob sign.
func changedBetween(t *testing.T, change func(*pdf.File, pades.Plan) (pdf.Ref, pdf.Object)) pades.Report {
	t.Helper()
	ctx, d := context.Background(), newDesk(t)
	file, plan := d.certified(t, twoSigners(paper.Width, paper.Height))
	more, plan, err := pades.Approve(ctx, plan, annSigns(), d.signer(t, annSigns()), d.now)
	if err != nil {
		t.Fatal(err)
	}
	file = append(file, more...)
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	ref, object := change(f, plan)
	file, plan = appended(t, file, plan, ref, object)
	bob := bobSigns()
	bob.Values = nil // so that his own signing mends nothing
	more, _, err = pades.Approve(ctx, plan, bob, d.signer(t, bob), d.now)
	if err != nil {
		t.Fatal(err)
	}
	report, err := d.verify(append(file, more...))
	if err != nil || len(report.Signatures) < 2 {
		t.Fatalf("%+v %v", report, err)
	}
	return report
}

// appended writes an update by hand and makes the plan fit it.
func appended(t *testing.T, file []byte, plan pades.Plan, ref pdf.Ref, o pdf.Object) ([]byte, pades.Plan) {
	t.Helper()
	at := len(file)
	file = pdf.AppendIndirect(file, ref, o)
	start := len(file)
	file = fmt.Appendf(file, "xref\n%d 1\n%010d 00000 n \ntrailer\n", ref.Num, at)
	next := max(plan.State.NextObject, ref.Num+1)
	file = pdf.Append(file, pdf.Dict{"Size": next, "Root": plan.State.Root, "Prev": plan.State.StartXref,
		"ID": pdf.Array{pdf.String(plan.State.ID[0]), pdf.String(plan.State.ID[1])}})
	file = fmt.Appendf(file, "\nstartxref\n%d\n%%%%EOF\n", start)
	h := sha256.New()
	h.Write(file)
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	plan.State.Size, plan.State.StartXref, plan.State.NextObject, plan.State.Hash = int64(len(file)), int64(start), next, state
	return file, plan
}
