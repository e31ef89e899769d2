package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"chancery/pades"
	"chancery/pades/pdf"
	"chancery/pades/verify"
	"chancery/problem"
)

// What one hostile file may cost at most. The time must also hold on a crowded
// machine under the race detector; memory counts everything allocated, even what
// is free again.
const (
	hostileTime   = 20 * time.Second
	hostileMemory = 512 << 20 // bytes
)

// measure judges data and fails when that costs too much, or ends in an accident.
func measure(t *testing.T, data []byte) (verify.Report, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	report, err := verify.Verify(context.Background(), bytes.NewReader(data), int64(len(data)), verify.Options{})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("%s, %v; %s, %d MB", report.Verdict, err, took.Round(time.Millisecond), allocated>>20)
	if took > hostileTime || allocated > hostileMemory {
		t.Errorf("took %s and %d MB", took, allocated>>20)
	}
	var p *problem.Problem
	if err != nil && !errors.As(err, &p) {
		t.Errorf("an accident instead of a refusal: %v", err)
	}
	return report, err
}

func TestHostileFilesAreJudgedWithinTheLimits(t *testing.T) {
	for _, folder := range []string{"hostile", "real"} {
		files, err := filepath.Glob(filepath.Join(corpus(t, folder, 206), "*.pdf"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no PDFs in %s (%v)", folder, err)
		}
		for _, path := range files {
			t.Run(filepath.Base(path), func(t *testing.T) {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if report, err := measure(t, data); err == nil && ours(report, err) == good && folder == "hostile" {
					t.Errorf("%s", report.Verdict)
				}
			})
		}
	}
}

// TestHostileUpdatesAreJudgedWithinTheLimits appends what is expensive to a file
// with signatures, where every object is looked at.
func TestHostileUpdatesAreJudgedWithinTheLimits(t *testing.T) {
	o := newOffice(t)
	file := o.sent(t, rich(), pades.LevelB).annSigns().file
	for name, change := range map[string]attack{
		"fields that are each other's kids": func(g *forger) []byte {
			a, b := g.next, g.next+1
			g.add(pdf.Dict{"T": pdf.String("a"), "Kids": pdf.Array{ref(b), ref(a)}})
			g.add(pdf.Dict{"T": pdf.String("b"), "Kids": pdf.Array{ref(a), ref(b), ref(a)}})
			return inForm(g, func(form pdf.Dict) { form["Fields"] = append(g.array(form["Fields"]), ref(a)) })
		},
		"a form that doubles on every floor": func(g *forger) []byte {
			return inForm(g, func(form pdf.Dict) { form["Fields"] = append(g.array(form["Fields"]), doubling(g, "Kids")) })
		},
		"pages that double on every floor": func(g *forger) []byte {
			tree := doubling(g, "Kids")
			return onRoot(g, set("Pages", tree))
		},
		"a catalog that doubles on every floor": func(g *forger) []byte {
			one, other := doubling(g, "A"), doubling(g, "A")
			num, root := g.root()
			root["Eve"] = pdf.Array{one, other}
			g.put(num, root)
			g.file = g.done()
			g = newForger(t, g.file)
			num, root = g.root()
			root["Eve"] = pdf.Array{other, one}
			g.put(num, root)
			return g.done()
		},
		"a metadata bomb": func(g *forger) []byte {
			return onRoot(g, set("Metadata", g.add(bomb(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}))))
		},
		"evidence of bombs": func(g *forger) []byte {
			b := g.add(bomb(pdf.Dict{}))
			return onRoot(g, set("DSS", g.add(pdf.Dict{"Certs": pdf.Array{b}, "CRLs": pdf.Array{b}, "OCSPs": pdf.Array{b}})))
		},
		"a long table of nothing": func(g *forger) []byte {
			for num := g.next; num < g.next+15_000; num++ {
				g.entries[num] = "0000000000 00000 f \n"
			}
			g.put(unused(g), pdf.Dict{})
			return g.done()
		},
		"many revisions": func(g *forger) []byte {
			out := g.file
			for range 500 {
				next := newForger(t, out)
				next.put(unused(next), pdf.Dict{})
				out = next.done()
			}
			return out
		},
	} {
		t.Run(name, func(t *testing.T) { measure(t, forge(t, file, change)) })
	}
}

// doubling is a tree of 40 floors in which every node has the next one twice: two
// to the power of forty ways down.
func doubling(g *forger, key pdf.Name) pdf.Ref {
	down := g.add(pdf.Dict{"T": pdf.String("x")})
	for i := range 40 {
		down = g.add(pdf.Dict{"T": pdf.String(fmt.Sprint(i)), key: pdf.Array{down, down}})
	}
	return down
}

// bomb is 64 MB of zeros in some bytes.
func bomb(d pdf.Dict) *pdf.Stream {
	d["Filter"] = pdf.Name("FlateDecode")
	return &pdf.Stream{Dict: d, Data: deflated(make([]byte, 64<<20))}
}
