package verify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"fmt"
	"maps"
	"testing"

	"chancery/pades"
	"chancery/pades/pdf"
	"chancery/pades/verify"
)

// leastForged is how many forged files the tests must come to.
const leastForged = 500

// bases are files as our own writer signs them, at several steps and of several
// makes.
func bases(t testing.TB, o *office) map[string][]byte {
	out := map[string][]byte{}
	for name, original := range map[string][]byte{
		"plain": agreement(), "rich": rich(), "compressed": compressed(t, rich()),
	} {
		j := o.sent(t, original, pades.LevelLTA).annSigns()
		out[name+", signed by Ann"] = bytes.Clone(j.file)
		if name != "plain" {
			out[name+", closed"] = bytes.Clone(j.bobSigns().sealed().closed().file)
		}
	}
	return out
}

func attacks() map[string]attack {
	all := map[string]attack{}
	for _, some := range []map[string]attack{onContent, onDocument, onForm, onSignatures, onStructure} {
		maps.Copy(all, some)
	}
	return all
}

// forge lets an attack change a file; nil when it has no target there.
func forge(t testing.TB, file []byte, change attack) (out []byte) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(missing); !ok {
				panic(r)
			}
			out = nil
		}
	}()
	return change(newForger(t, file))
}

// TestEveryForgeryIsCaught takes honestly signed files and changes them in every
// way that we know of. None may be called unchanged or permitted, whatever habits
// are forgiven.
func TestEveryForgeryIsCaught(t *testing.T) {
	o := newOffice(t)
	forged, used := 0, map[string]bool{}
	for base, file := range bases(t, o) {
		if report, err := verdict(file, o.strict()); err != nil || report.Verdict != verify.Unchanged {
			t.Fatalf("%s: %s %v %+v", base, report.Verdict, err, report)
		}
		for name, change := range attacks() {
			evil := forge(t, file, change)
			if evil == nil || bytes.Equal(evil, file) {
				continue
			}
			forged++
			used[name] = true
			for _, options := range []verify.Options{o.strict(), o.tolerant()} {
				report, err := verdict(evil, options)
				// Where an update leaves out every signed revision, nobody is shown a
				// signature any more.
				if says := ours(report, err); says == good || says == unsigned && name != "an update leaves out all signatures" {
					t.Errorf("%s, strict %t: %s: %s", base, options.Strict, name, report.Verdict)
				}
			}
		}
	}
	for name := range attacks() {
		if !used[name] {
			t.Errorf("no file was right for the attack: %s", name)
		}
	}
	t.Logf("%d forged files by %d attacks, all caught", forged, len(used))
	if forged < leastForged {
		t.Errorf("want at least %d forged files", leastForged)
	}
}

// TestHonestUpdatesArePermitted uses the same tools for what is allowed: it is the
// attack that is caught, not the hand that made it.
func TestHonestUpdatesArePermitted(t *testing.T) {
	o := newOffice(t)
	fill := func(g *forger) []byte {
		return onField(g, "_note", func(d pdf.Dict) {
			d["V"], d["AP"] = pdf.String("x"), pdf.Dict{"N": g.add(picture("BT (x) Tj ET"))}
		})
	}
	for _, original := range [][]byte{agreement(), rich(), compressed(t, rich())} {
		file := o.sent(t, original, pades.LevelB).annSigns().file
		for name, change := range map[string]attack{
			"a field is filled in": fill,
			"an object is added that nothing shows": func(g *forger) []byte {
				g.put(unused(g), pdf.Dict{})
				return g.done()
			},
			"a field is written again": func(g *forger) []byte { return onField(g, "_name", func(pdf.Dict) {}) },
			"the other kind of section": func(g *forger) []byte {
				g.stream = !g.stream
				return fill(g)
			},
		} {
			for _, options := range []verify.Options{o.strict(), o.tolerant()} {
				report, err := verdict(forge(t, file, change), options)
				if err != nil || report.Verdict != verify.Permitted {
					t.Errorf("%s, strict %t: %s %v %+v", name, options.Strict, report.Verdict, err, report.Revisions)
				}
			}
		}
	}
}

// TestWhatWasForgedBeforeTheNextSignatureIsCaught lets Bob sign what somebody made
// of the file after Ann. Every digest is right then; only the comparison of each
// revision with the one before shows that Ann never agreed to that.
func TestWhatWasForgedBeforeTheNextSignatureIsCaught(t *testing.T) {
	o := newOffice(t)
	forged := 0
	for base, original := range map[string][]byte{"rich": rich(), "compressed": compressed(t, rich())} {
		j := o.sent(t, original, pades.LevelB).annSigns()
		for _, some := range []map[string]attack{onContent, onDocument, onForm, onSignatures} {
			for name, change := range some {
				evil := forge(t, j.file, change)
				if evil == nil || bytes.Equal(evil, j.file) {
					continue
				}
				next := *j
				next.file, next.plan = evil, planFor(t, j.plan, evil)
				next.signs("bob", nil)
				forged++
				for _, options := range []verify.Options{o.strict(), o.tolerant()} {
					report, err := verdict(next.file, options)
					if says := ours(report, err); says != changed && says != broken {
						t.Errorf("%s, strict %t: %s: %s %v", base, options.Strict, name, report.Verdict, err)
					}
				}
			}
		}
	}
	t.Logf("%d files forged before the next signature, all caught", forged)
	if forged < 150 {
		t.Error("want at least 150")
	}
}

// planFor makes a plan fit a file that somebody else has grown.
func planFor(t testing.TB, plan pades.Plan, file []byte) pades.Plan {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	h.Write(file)
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	plan.State.Size, plan.State.StartXref, plan.State.NextObject = int64(len(file)), f.StartXref, f.NextObject()
	plan.State.Hash, plan.State.OpenLine = state, file[len(file)-1] != '\n'
	return plan
}

// TestAnUpdateCannotLeadThroughAHiddenSection prepares a document whose page hides
// a cross-reference section. It names the certification's as its predecessor, and
// gives the content of the page a new place. After the certification an update says
// that the hidden section comes before it: the certified revision itself would
// then show other content, and no difference could be seen.
func TestAnUpdateCannotLeadThroughAHiddenSection(t *testing.T) {
	o := newOffice(t)
	original, _ := baited(0)
	certified := o.sent(t, original, pades.LevelB).file
	original, hidden := baited(newForger(t, certified).f.StartXref)
	certified = o.sent(t, original, pades.LevelB).file
	g := newForger(t, certified)
	if section := certified[hidden:]; !bytes.HasPrefix(section, fmt.Appendf(nil, "xref\n5 1\n")) || !bytes.Contains(section[:200], fmt.Appendf(nil, "/Prev %09d", g.f.StartXref)) {
		t.Fatal("the bait does not fit the file")
	}
	for _, stream := range []bool{false, true} {
		g := newForger(t, certified)
		g.stream = stream
		g.trailer["Prev"] = hidden
		g.put(unused(g), pdf.Dict{})
		evil := g.done()
		for _, options := range []verify.Options{o.strict(), o.tolerant()} {
			if report, err := verdict(evil, options); ours(report, err) == good {
				t.Errorf("stream %t, strict %t: %s", stream, options.Strict, report.Verdict)
			}
		}
	}
}

// baited is a document with a section hidden in a stream, and where that stands.
func baited(prev int64) (file []byte, hidden int) {
	section := func(at int) []byte {
		return fmt.Appendf(nil, "\nxref\n5 1\n%010d 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev %09d>>\nstartxref\n%d\n%%%%EOF\n", at, prev, 999)
	}
	make := func(at int) []byte {
		bait := append([]byte("\n5 0 obj\n<</Length 14>>\nstream\nBT (Eve) Tj ET\nendstream\nendobj\n"), section(at)...)
		return written([]pdf.Object{
			pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(2)},
			pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(3)}, "Count": 1},
			pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(2), "MediaBox": pdf.Array{0, 0, 595, 842}, "Resources": pdf.Dict{}, "Contents": pdf.Array{ref(5), ref(4)}},
			&pdf.Stream{Dict: pdf.Dict{}, Data: bait},
			text("BT (Ann) Tj ET"),
		}, nil)
	}
	at := bytes.Index(make(0), []byte("\n5 0 obj\n<</Length 14")) + 1
	file = make(at)
	return file, bytes.Index(file, []byte("\nxref\n5 1\n")) + 1
}
