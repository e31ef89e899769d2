package verify_test

import (
	"chancery/pades/pdf"
)

// onSignatures are attacks on signatures, their fields and their locks.
var onSignatures = map[string]attack{
	"a signature is taken away":       func(g *forger) []byte { return onField(g, "_ann", set("V", nil)) },
	"the certification is taken away": func(g *forger) []byte { return onField(g, "certification", set("V", nil)) },
	"all signatures are taken away": func(g *forger) []byte {
		_, form := g.form()
		for _, o := range g.array(form["Fields"]) {
			if d := g.dict(o); d["FT"] == pdf.Object(pdf.Name("Sig")) && d["V"] != nil {
				delete(d, "V")
				g.put(o.(pdf.Ref).Num, d)
			}
		}
		return g.done()
	},
	"a signature is exchanged": func(g *forger) []byte {
		_, other := g.field("certification")
		return onField(g, "_ann", set("V", other["V"]))
	},
	"a signature becomes a copy": func(g *forger) []byte { return onSignature(g, "_ann", func(pdf.Dict) {}) },
	"a signature stands in its field": func(g *forger) []byte {
		_, d := g.field("_ann")
		return onField(g, "_ann", set("V", g.dict(d["V"])))
	},
	"a signature says another reason": func(g *forger) []byte { return overwritten(g, "_ann", set("Reason", pdf.String("EVIL"))) },
	"a signature says another name":   func(g *forger) []byte { return overwritten(g, "_ann", set("Name", pdf.String("Eve"))) },
	"a signature says another time":   func(g *forger) []byte { return overwritten(g, "_ann", set("M", pdf.String("D:20200101000000Z"))) },
	"a signature is written again":    func(g *forger) []byte { return overwritten(g, "_ann", set("Eve", 1)) },
	"a ByteRange is forgotten":        func(g *forger) []byte { return overwritten(g, "_ann", set("ByteRange", nil)) },
	"a ByteRange covers nothing":      func(g *forger) []byte { return overwritten(g, "_ann", set("ByteRange", pdf.Array{0, 0, 0, 0})) },
	"a ByteRange is negative":         func(g *forger) []byte { return overwritten(g, "_ann", set("ByteRange", pdf.Array{0, -1, 1, 1})) },
	"a ByteRange is enormous":         func(g *forger) []byte { return overwritten(g, "_ann", set("ByteRange", pdf.Array{0, 1, 2, 1 << 60})) },
	"a signature has no contents":     func(g *forger) []byte { return overwritten(g, "_ann", set("Contents", nil)) },
	"a signature is of zeros":         func(g *forger) []byte { return overwritten(g, "_ann", set("Contents", pdf.String(make([]byte, 99)))) },
	"a signature is of another kind": func(g *forger) []byte {
		return overwritten(g, "_ann", set("SubFilter", pdf.Name("adbe.x509.rsa_sha1")))
	},
	"a certification permits more": func(g *forger) []byte {
		return overwritten(g, "certification", set("Reference", pdf.Array{pdf.Dict{
			"TransformMethod": pdf.Name("DocMDP"), "TransformParams": pdf.Dict{"P": 3, "V": pdf.Name("1.2")},
		}}))
	},
	"a signature locks nothing": func(g *forger) []byte { return overwritten(g, "_ann", set("Reference", nil)) },
	"a lock is weakened":        func(g *forger) []byte { return onLock(g, "_bob", set("Fields", pdf.Array{})) },
	"a lock is turned round":    func(g *forger) []byte { return onLock(g, "_bob", set("Action", pdf.Name("Exclude"))) },
	"the seal's lock is weakened": func(g *forger) []byte {
		return onLock(g, "_seal", func(d pdf.Dict) { d["Action"], d["Fields"] = pdf.Name("Include"), pdf.Array{} })
	},
	"a lock is taken away": func(g *forger) []byte { return onField(g, "_bob", set("Lock", nil)) },
	"a signature looks different": func(g *forger) []byte {
		return onField(g, "_ann", set("AP", pdf.Dict{"N": g.add(picture("BT (Eve) Tj ET"))}))
	},
	"a signature's look is overwritten": func(g *forger) []byte {
		_, d := g.field("_ann")
		g.put(g.dict(d["AP"])["N"].(pdf.Ref).Num, picture("BT (Eve) Tj ET"))
		return g.done()
	},
	"a signature moves":     func(g *forger) []byte { return onField(g, "_ann", set("Rect", pdf.Array{0, 0, 500, 500})) },
	"a signature is hidden": func(g *forger) []byte { return onField(g, "_ann", set("F", 2)) },
	"an open field gets an old signature": func(g *forger) []byte {
		_, d := g.field("_ann")
		return onField(g, "timestamp", func(f pdf.Dict) { f["V"] = d["V"] })
	},
	"an open field gets what is no signature": func(g *forger) []byte {
		return onField(g, "_seal", func(f pdf.Dict) {
			f["V"] = g.add(pdf.Dict{"Type": pdf.Name("Sig"), "ByteRange": pdf.Array{0, 1, 2, 3}, "Contents": pdf.String("x")})
		})
	},
	"a signature dictionary is freed": func(g *forger) []byte {
		_, d := g.field("_ann")
		g.freed = append(g.freed, d["V"].(pdf.Ref).Num)
		return g.done()
	},
}

func onLock(g *forger, suffix string, change func(pdf.Dict)) []byte {
	_, d := g.field(suffix)
	lock := g.dict(d["Lock"])
	change(lock)
	g.put(d["Lock"].(pdf.Ref).Num, lock)
	return g.done()
}

// onSignature gives a field a changed copy of its signature under a new number.
func onSignature(g *forger, suffix string, change func(pdf.Dict)) []byte {
	return onField(g, suffix, func(d pdf.Dict) {
		s := g.dict(d["V"])
		change(s)
		d["V"] = g.add(s)
	})
}

// overwritten changes a signature where it is.
func overwritten(g *forger, suffix string, change func(pdf.Dict)) []byte {
	_, d := g.field(suffix)
	s := g.dict(d["V"])
	change(s)
	g.put(d["V"].(pdf.Ref).Num, s)
	return g.done()
}
