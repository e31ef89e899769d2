package verify_test

import (
	"bytes"
	"fmt"

	"chancery/pades/pdf"
)

// An attack changes a signed file; nil means that this file has nothing to attack
// there.
type attack func(g *forger) []byte

// onContent are attacks on what the pages show.
var onContent = map[string]attack{
	"a content stream is overwritten": func(g *forger) []byte {
		_, page := g.page(0)
		g.put(streamOf(g, page["Contents"]), text("BT (Pay Eve.) Tj ET"))
		return g.done()
	},
	"a content stream of the second page is overwritten": func(g *forger) []byte {
		_, page := g.page(1)
		g.put(streamOf(g, page["Contents"]), text("BT (Pay Eve.) Tj ET"))
		return g.done()
	},
	"a page gets another content stream": func(g *forger) []byte {
		return onPage(g, func(page pdf.Dict) { page["Contents"] = g.add(text("BT (Pay Eve.) Tj ET")) })
	},
	"a page gets one content stream more": func(g *forger) []byte {
		return onPage(g, func(page pdf.Dict) {
			page["Contents"] = pdf.Array{page["Contents"], g.add(text("BT (And Eve.) Tj ET"))}
		})
	},
	"a page gets other fonts": func(g *forger) []byte {
		return onPage(g, func(page pdf.Dict) { page["Resources"] = pdf.Dict{"Font": pdf.Dict{}} })
	},
	"a page is cropped":    func(g *forger) []byte { return onPage(g, set("CropBox", pdf.Array{0, 0, 100, 100})) },
	"a page is turned":     func(g *forger) []byte { return onPage(g, set("Rotate", 90)) },
	"a page is resized":    func(g *forger) []byte { return onPage(g, set("MediaBox", pdf.Array{0, 0, 9, 9})) },
	"a page gets a script": func(g *forger) []byte { return onPage(g, set("AA", pdf.Dict{"O": script("1")})) },
	"a page loses its annotations": func(g *forger) []byte {
		return onPage(g, set("Annots", pdf.Array{}))
	},
	"a page's annotations change places": func(g *forger) []byte {
		return onPage(g, func(page pdf.Dict) {
			all := g.array(page["Annots"])
			all[0], all[1] = all[1], all[0]
			page["Annots"] = all
		})
	},
	"a note is laid over the page":      func(g *forger) []byte { return annotated(g, "FreeText") },
	"a stamp is laid over the page":     func(g *forger) []byte { return annotated(g, "Stamp") },
	"a link is laid over the page":      func(g *forger) []byte { return annotated(g, "Link") },
	"a redaction is laid over it":       func(g *forger) []byte { return annotated(g, "Redact") },
	"a file is attached to the page":    func(g *forger) []byte { return annotated(g, "FileAttachment") },
	"a widget of no field is laid over": func(g *forger) []byte { return annotated(g, "Widget") },
	"a page is taken out": func(g *forger) []byte {
		return onTree(g, func(kids pdf.Array) pdf.Array { return kids[:1] })
	},
	"the pages change places": func(g *forger) []byte {
		return onTree(g, func(kids pdf.Array) pdf.Array { return pdf.Array{kids[1], kids[0]} })
	},
	"a page is added": func(g *forger) []byte {
		return onTree(g, func(kids pdf.Array) pdf.Array {
			return append(kids, g.add(pdf.Dict{"Type": pdf.Name("Page"), "MediaBox": pdf.Array{0, 0, 9, 9}}))
		})
	},
	"a page is shown twice": func(g *forger) []byte {
		return onTree(g, func(kids pdf.Array) pdf.Array { return pdf.Array{kids[0], kids[0]} })
	},
	"a page becomes another object": func(g *forger) []byte {
		num, page := g.page(0)
		page["Contents"] = g.add(text("BT (Pay Eve.) Tj ET"))
		own := g.add(page)
		return onTree(g, func(kids pdf.Array) pdf.Array {
			for i := range kids {
				if kids[i] == pdf.Object(ref(num)) {
					kids[i] = own
				}
			}
			return kids
		})
	},
	"a font is overwritten": func(g *forger) []byte {
		_, page := g.page(0)
		for _, font := range g.dict(g.dict(page["Resources"])["Font"]) {
			if r, ok := font.(pdf.Ref); ok {
				g.put(r.Num, pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")})
				return g.done()
			}
		}
		return nil
	},
	"a picture over the text is overwritten": func(g *forger) []byte { return onObject(g, "Over", picture("")) },
	"a picture that was missing appears": func(g *forger) []byte {
		_, page := g.page(0)
		later, ok := g.dict(g.dict(page["Resources"])["XObject"])["Later"].(pdf.Ref)
		if !ok {
			return nil
		}
		g.put(later.Num, picture("0 g 0 0 500 500 re f"))
		return g.done()
	},
	"a picture over the text is taken away": func(g *forger) []byte {
		_, page := g.page(0)
		over, ok := g.dict(g.dict(page["Resources"])["XObject"])["Over"].(pdf.Ref)
		if !ok {
			return nil
		}
		g.freed = append(g.freed, over.Num)
		return g.done()
	},
	"a picture over the text becomes metadata": func(g *forger) []byte {
		return onObject(g, "Over", &pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Data: []byte("<x/>")})
	},
}

// onDocument are attacks on the catalog and what hangs on it.
var onDocument = map[string]attack{
	"a script runs on opening": func(g *forger) []byte { return onRoot(g, set("OpenAction", script("1"))) },
	"a script runs on closing": func(g *forger) []byte { return onRoot(g, set("AA", pdf.Dict{"WC": script("1")})) },
	"a script has a name": func(g *forger) []byte {
		return onRoot(g, set("Names", pdf.Dict{"JavaScript": pdf.Dict{"Names": pdf.Array{pdf.String("a"), script("1")}}}))
	},
	"a file is attached": func(g *forger) []byte {
		return onRoot(g, set("Names", pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{}}}))
	},
	"other pages are named": func(g *forger) []byte {
		return onRoot(g, set("Pages", g.add(pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{}, "Count": 0})))
	},
	"the layers change": func(g *forger) []byte {
		return onRoot(g, set("OCProperties", pdf.Dict{"OCGs": pdf.Array{}, "D": pdf.Dict{"BaseState": pdf.Name("OFF")}}))
	},
	"the outline changes": func(g *forger) []byte {
		return onRoot(g, set("Outlines", g.add(pdf.Dict{"Count": 0, "First": pdf.Dict{}})))
	},
	"the structure changes": func(g *forger) []byte {
		return onRoot(g, set("StructTreeRoot", g.add(pdf.Dict{"Type": pdf.Name("StructTreeRoot")})))
	},
	"the numbers of pages change":    func(g *forger) []byte { return onRoot(g, set("PageLabels", pdf.Dict{"Nums": pdf.Array{}})) },
	"the viewer is told to hide":     func(g *forger) []byte { return onRoot(g, set("ViewerPreferences", pdf.Dict{"HideToolbar": true})) },
	"an unknown setting is made":     func(g *forger) []byte { return onRoot(g, set("Eve", true)) },
	"the certification is forgotten": func(g *forger) []byte { return onRoot(g, set("Perms", nil)) },
	"the certification is another": func(g *forger) []byte {
		return onRoot(g, set("Perms", pdf.Dict{"DocMDP": g.add(pdf.Dict{"Type": pdf.Name("Sig")})}))
	},
	"usage rights appear": func(g *forger) []byte {
		return onRoot(g, func(root pdf.Dict) {
			perms := g.dict(root["Perms"])
			perms["UR3"] = g.add(pdf.Dict{"Type": pdf.Name("Sig")})
			root["Perms"] = perms
		})
	},
	"the version goes back": func(g *forger) []byte { return onRoot(g, set("Version", pdf.Name("1.0"))) },
	"the metadata are no XMP": func(g *forger) []byte {
		return onRoot(g, set("Metadata", g.add(&pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Data: []byte("BT (not XML) Tj ET")})))
	},
	"the metadata have entities": func(g *forger) []byte {
		return onRoot(g, set("Metadata", g.add(&pdf.Stream{Dict: pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, Data: []byte(`<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`)})))
	},
	"the extensions go": func(g *forger) []byte { return onRoot(g, set("Extensions", nil)) },
	"the catalog is overwritten by one that was there": func(g *forger) []byte {
		num, root := g.root()
		shadow := g.dict(ref(17))
		if shadow["Type"] != pdf.Name("Catalog") || num == 17 {
			return nil
		}
		root["Pages"] = shadow["Pages"]
		g.put(num, root)
		return g.done()
	},
	"the document begins at another catalog": func(g *forger) []byte {
		_, root := g.root()
		g.trailer["Root"] = g.add(root)
		return g.done()
	},
	"the document begins at the catalog that was there": func(g *forger) []byte {
		if g.dict(ref(17))["Type"] != pdf.Name("Catalog") {
			return nil
		}
		_, root := g.root()
		shadow := g.dict(ref(17))
		shadow["AcroForm"], shadow["Perms"] = root["AcroForm"], root["Perms"]
		g.put(17, shadow)
		g.trailer["Root"] = ref(17)
		return g.done()
	},
	"the information becomes a page's resources": func(g *forger) []byte {
		info, ok := g.f.Trailer["Info"].(pdf.Ref)
		if !ok {
			return nil
		}
		d := g.dict(info)
		d["Font"] = pdf.Dict{}
		g.put(info.Num, d)
		return g.done()
	},
	"the validation data are forgotten": func(g *forger) []byte {
		if _, root := g.root(); root["DSS"] == nil {
			return nil
		}
		return onRoot(g, set("DSS", nil))
	},
	"a certificate is taken out of the validation data": func(g *forger) []byte {
		return onStore(g, func(dss pdf.Dict) { dss["Certs"] = g.array(dss["Certs"])[1:] })
	},
	"the revocation data are exchanged": func(g *forger) []byte {
		return onStore(g, func(dss pdf.Dict) { dss["OCSPs"], dss["CRLs"] = pdf.Array{g.add(text("x"))}, nil })
	},
	"a stream of the validation data is overwritten": func(g *forger) []byte {
		_, root := g.root()
		if root["DSS"] == nil {
			return nil
		}
		g.put(g.array(g.dict(root["DSS"])["Certs"])[0].(pdf.Ref).Num, text("x"))
		return g.done()
	},
	"the validation data get an unknown key": func(g *forger) []byte {
		return onStore(g, func(dss pdf.Dict) { dss["Eve"] = pdf.Array{} })
	},
}

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

func script(s string) pdf.Dict {
	return pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String(s)}
}

// set makes one entry what it shall be; nil takes it away.
func set(key pdf.Name, value pdf.Object) func(pdf.Dict) {
	return func(d pdf.Dict) {
		if d[key] = value; value == nil {
			delete(d, key)
		}
	}
}

func onPage(g *forger, change func(pdf.Dict)) []byte {
	num, page := g.page(0)
	change(page)
	g.put(num, page)
	return g.done()
}

func onTree(g *forger, change func(pdf.Array) pdf.Array) []byte {
	_, root := g.root()
	tree := g.dict(root["Pages"])
	kids := change(g.array(tree["Kids"]))
	tree["Kids"], tree["Count"] = kids, len(kids)
	g.put(root["Pages"].(pdf.Ref).Num, tree)
	return g.done()
}

func onRoot(g *forger, change func(pdf.Dict)) []byte {
	num, root := g.root()
	change(root)
	g.put(num, root)
	return g.done()
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

func onStore(g *forger, change func(pdf.Dict)) []byte {
	_, root := g.root()
	dss, ok := root["DSS"].(pdf.Ref)
	if !ok {
		return nil
	}
	d := g.dict(dss)
	change(d)
	g.put(dss.Num, d)
	return g.done()
}

// onObject overwrites a picture of the first page.
func onObject(g *forger, name pdf.Name, o pdf.Object) []byte {
	_, page := g.page(0)
	target, ok := g.dict(g.dict(page["Resources"])["XObject"])[name].(pdf.Ref)
	if !ok {
		return nil
	}
	g.put(target.Num, o)
	return g.done()
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

func annotated(g *forger, kind pdf.Name) []byte {
	return onPage(g, func(page pdf.Dict) {
		page["Annots"] = append(g.array(page["Annots"]), g.add(pdf.Dict{
			"Type": pdf.Name("Annot"), "Subtype": kind, "Rect": pdf.Array{0, 0, 500, 500}, "Contents": pdf.String("x"),
			"AP": pdf.Dict{"N": g.add(picture("0 g 0 0 500 500 re f"))},
		}))
	})
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

// streamOf is the number of the first content stream.
func streamOf(g *forger, o pdf.Object) int {
	if r, ok := o.(pdf.Ref); ok {
		target, err := g.f.Load(r)
		if err != nil {
			g.t.Fatal(err)
		}
		if _, ok := target.(*pdf.Stream); ok {
			return r.Num
		}
		o = target
	}
	return streamOf(g, o.(pdf.Array)[0])
}

// where finds the last definition of an object by its text; attackers may.
func where(file []byte, num int) int {
	return bytes.LastIndex(file, fmt.Appendf(nil, "\n%d 0 obj", num)) + 1
}
