package verify_test

import (
	"chancery/pades/pdf"
)

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

func onRoot(g *forger, change func(pdf.Dict)) []byte {
	num, root := g.root()
	change(root)
	g.put(num, root)
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
