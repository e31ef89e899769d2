package verify_test

import (
	"chancery/pades/pdf"
)

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

func annotated(g *forger, kind pdf.Name) []byte {
	return onPage(g, func(page pdf.Dict) {
		page["Annots"] = append(g.array(page["Annots"]), g.add(pdf.Dict{
			"Type": pdf.Name("Annot"), "Subtype": kind, "Rect": pdf.Array{0, 0, 500, 500}, "Contents": pdf.String("x"),
			"AP": pdf.Dict{"N": g.add(picture("0 g 0 0 500 500 re f"))},
		}))
	})
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
