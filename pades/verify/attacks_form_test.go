package verify_test

import (
	"chancery/pades/pdf"
)

// onForm are attacks on the form and its fields.
var onForm = map[string]attack{
	"viewers shall draw the fields anew": func(g *forger) []byte { return inForm(g, set("NeedAppearances", true)) },
	"a second form appears":              func(g *forger) []byte { return inForm(g, set("XFA", pdf.String("<xdp/>"))) },
	"the form's fields go":               func(g *forger) []byte { return inForm(g, set("Fields", pdf.Array{})) },
	"the form's fonts go":                func(g *forger) []byte { return inForm(g, set("DR", pdf.Dict{"Font": pdf.Dict{}})) },
	"the form's flags go":                func(g *forger) []byte { return inForm(g, set("SigFlags", 0)) },
	"fields are calculated":              func(g *forger) []byte { return inForm(g, set("CO", pdf.Array{})) },
	"a field goes": func(g *forger) []byte {
		return inForm(g, func(form pdf.Dict) { form["Fields"] = g.array(form["Fields"])[1:] })
	},
	"the fields change places": func(g *forger) []byte {
		return inForm(g, func(form pdf.Dict) {
			all := g.array(form["Fields"])
			all[0], all[1] = all[1], all[0]
			form["Fields"] = all
		})
	},
	"a text field is added":              func(g *forger) []byte { return withField(g, pdf.Dict{"FT": pdf.Name("Tx"), "V": pdf.String("x")}) },
	"a button is added":                  func(g *forger) []byte { return withField(g, pdf.Dict{"FT": pdf.Name("Btn"), "A": script("1")}) },
	"a visible signature field is added": func(g *forger) []byte { return withField(g, sneaky(g)) },
	"a signature field with a script": func(g *forger) []byte {
		return withField(g, pdf.Dict{"FT": pdf.Name("Sig"), "AA": pdf.Dict{"E": script("1")}})
	},
	"a signature field with another's signature": func(g *forger) []byte {
		_, old := g.field("certification")
		return withField(g, pdf.Dict{"FT": pdf.Name("Sig"), "V": old["V"]})
	},
	"a signature field with a copy of a signature": func(g *forger) []byte {
		_, old := g.field("certification")
		return withField(g, pdf.Dict{"FT": pdf.Name("Sig"), "V": g.add(g.dict(old["V"]))})
	},
	"a visible signature field with a copy of a signature": func(g *forger) []byte {
		_, old := g.field("certification")
		d := sneaky(g)
		d["V"] = g.add(g.dict(old["V"]))
		return withField(g, d)
	},
	"a second field of the same name": func(g *forger) []byte {
		_, old := g.field("certification")
		return withField(g, pdf.Dict{"FT": pdf.Name("Sig"), "T": old["T"]})
	},
	"a locked field gets another value": func(g *forger) []byte { return onField(g, "_name", set("V", pdf.String("Eve"))) },
	"a locked field looks different": func(g *forger) []byte {
		return onField(g, "_name", set("AP", pdf.Dict{"N": g.add(picture("BT (Eve) Tj ET"))}))
	},
	"a locked field's look is overwritten": func(g *forger) []byte {
		_, d := g.field("_name")
		g.put(g.dict(d["AP"])["N"].(pdf.Ref).Num, picture("BT (Eve) Tj ET"))
		return g.done()
	},
	"a locked box is unchecked": func(g *forger) []byte {
		return onField(g, "_box", func(d pdf.Dict) { d["V"], d["AS"] = pdf.Name("Off"), pdf.Name("Off") })
	},
	"a locked box only looks so":  func(g *forger) []byte { return onField(g, "_box", set("AS", pdf.Name("Off"))) },
	"a locked field moves":        func(g *forger) []byte { return onField(g, "_name", set("Rect", pdf.Array{0, 0, 9, 9})) },
	"a locked field is hidden":    func(g *forger) []byte { return onField(g, "_name", set("F", 2)) },
	"a locked field gets kids":    func(g *forger) []byte { return onField(g, "_name", set("Kids", pdf.Array{g.add(pdf.Dict{})})) },
	"a locked field gets a name":  func(g *forger) []byte { return onField(g, "_name", set("T", pdf.String("free"))) },
	"a field gets a script":       func(g *forger) []byte { return onField(g, "_note", set("AA", pdf.Dict{"K": script("1")})) },
	"a field gets an action":      func(g *forger) []byte { return onField(g, "_note", set("A", script("1"))) },
	"a field moves":               func(g *forger) []byte { return onField(g, "_note", set("Rect", pdf.Array{0, 0, 500, 500})) },
	"a field becomes a signature": func(g *forger) []byte { return onField(g, "_note", set("FT", pdf.Name("Sig"))) },
	"a field gets another page":   func(g *forger) []byte { num, _ := g.page(1); return onField(g, "_note", set("P", ref(num))) },
	"a field gets a default":      func(g *forger) []byte { return onField(g, "_note", set("DV", pdf.String("x"))) },
	"a field looks like the page": func(g *forger) []byte {
		_, page := g.page(0)
		return onField(g, "_note", set("AP", pdf.Dict{"N": ref(streamOf(g, page["Contents"]))}))
	},
	"a field looks like the other": func(g *forger) []byte {
		_, other := g.field("_name")
		return onField(g, "_note", set("AP", other["AP"]))
	},
	"a field's value is a file": func(g *forger) []byte { return onField(g, "_note", set("V", pdf.Dict{"F": pdf.String("x")})) },
	"a field becomes something else": func(g *forger) []byte {
		num, _ := g.field("_note")
		g.put(num, text("x"))
		return g.done()
	},
	"the empty look of fields is overwritten": func(g *forger) []byte {
		_, d := g.field("_bob")
		looks, ok := g.dict(d["AP"])["N"].(pdf.Ref)
		if !ok {
			return nil
		}
		g.put(looks.Num, picture("BT (Eve) Tj ET"))
		return g.done()
	},
	"an open signature field shows something": func(g *forger) []byte {
		return onField(g, "_bob", set("AP", pdf.Dict{"N": g.add(picture("BT (Eve) Tj ET"))}))
	},
}

func inForm(g *forger, change func(pdf.Dict)) []byte {
	num, form := g.form()
	change(form)
	g.put(num, form)
	return g.done()
}

func onField(g *forger, suffix string, change func(pdf.Dict)) []byte {
	num, d := g.field(suffix)
	change(d)
	g.put(num, d)
	return g.done()
}

func sneaky(g *forger) pdf.Dict {
	return pdf.Dict{"FT": pdf.Name("Sig"), "Rect": pdf.Array{0, 0, 500, 500}, "AP": pdf.Dict{"N": g.add(picture("0 g 0 0 500 500 re f"))}}
}

// withField adds a field to the form and to the first page.
func withField(g *forger, d pdf.Dict) []byte {
	num, page := g.page(0)
	d["Type"], d["Subtype"], d["P"] = pdf.Name("Annot"), pdf.Name("Widget"), ref(num)
	if d["T"] == nil {
		d["T"] = pdf.String("eve")
	}
	if d["Rect"] == nil {
		d["Rect"] = pdf.Array{0, 0, 0, 0}
	}
	own := g.add(d)
	page["Annots"] = append(g.array(page["Annots"]), own)
	g.put(num, page)
	return inForm(g, func(form pdf.Dict) { form["Fields"] = append(g.array(form["Fields"]), own) })
}
