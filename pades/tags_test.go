package pades_test

import (
	"bytes"
	"testing"

	"chancery/pades"
	"chancery/pades/pdf"
)

// tagged is one page with one heading; change makes its structure another one.
func tagged(change func(tree, document, page pdf.Dict)) []byte {
	ref := func(n int) pdf.Ref { return pdf.Ref{Num: n} }
	tree := pdf.Dict{"Type": pdf.Name("StructTreeRoot"), "K": ref(5), "ParentTree": pdf.Dict{"Nums": pdf.Array{0, pdf.Array{ref(6)}}}, "ParentTreeNextKey": 1}
	document := pdf.Dict{"Type": pdf.Name("StructElem"), "S": pdf.Name("Document"), "P": ref(4), "K": ref(6)}
	page := pdf.Dict{
		"Type": pdf.Name("Page"), "Parent": ref(2), "MediaBox": pdf.Array{0, 0, 595, 842}, "Contents": ref(7), "StructParents": 0,
		"Resources": pdf.Dict{"Font": pdf.Dict{"F": pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica")}}},
	}
	change(tree, document, page)
	return written(
		pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(2), "StructTreeRoot": ref(4), "MarkInfo": pdf.Dict{"Marked": true}, "Lang": pdf.String("en")},
		pdf.Dict{"Type": pdf.Name("Pages"), "Count": 1, "Kids": pdf.Array{ref(3)}},
		page, tree, document,
		pdf.Dict{"Type": pdf.Name("StructElem"), "S": pdf.Name("H1"), "P": ref(5), "Pg": ref(3), "K": 0},
		&pdf.Stream{Dict: pdf.Dict{}, Data: []byte("/H1 <</MCID 0>> BDC BT /F 20 Tf 72 770 Td (Lease) Tj ET EMC")},
		pdf.Dict{"Nums": pdf.Array{0, pdf.Array{ref(6)}}, "Limits": pdf.Array{0, 0}},
		pdf.Array{},
	)
}

// pdfOf reads a file with the writer's reader.
func pdfOf(t *testing.T, file []byte) (*pdf.File, pdf.Dict, pdf.Dict) {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	_, catalog, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := f.Dict(catalog["StructTreeRoot"])
	if err != nil {
		t.Fatal(err)
	}
	all, err := f.Pages()
	if err != nil {
		t.Fatal(err)
	}
	return f, tree, all[0].Dict
}

// entries are those of a parent tree of at most two storeys.
func entries(t *testing.T, f *pdf.File, tree pdf.Dict) map[int64]pdf.Object {
	t.Helper()
	top, err1 := f.Dict(tree["ParentTree"])
	nodes, err2 := f.Array(top["Kids"])
	all, err3 := f.Array(top["Nums"])
	for _, node := range nodes {
		d, err := f.Dict(node)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d["Nums"].(pdf.Array)...)
	}
	found := map[int64]pdf.Object{}
	for i := 0; i+1 < len(all); i += 2 {
		found[all[i].(int64)] = all[i+1]
	}
	if err1 != nil || err2 != nil || err3 != nil || len(found) != len(all)/2 {
		t.Fatalf("the parent tree: %v %v %v, %d keys in %d entries", err1, err2, err3, len(found), len(all)/2)
	}
	return found
}

// widgets on a page that lead to an element which leads back to them.
func wiredWidgets(t *testing.T, file []byte) (wired, all int) {
	t.Helper()
	f, tree, page := pdfOf(t, file)
	annotations, err := f.Array(page["Annots"])
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range annotations {
		d, err := f.Dict(o)
		if err != nil {
			t.Fatal(err)
		}
		if d["Subtype"] != pdf.Object(pdf.Name("Widget")) {
			continue
		}
		all++
		if key, ok := d["StructParent"].(int64); ok {
			element, err := f.Dict(entries(t, f, tree)[key])
			if err != nil {
				t.Fatal(err)
			}
			object, _ := element["K"].(pdf.Dict)
			if element["S"] != pdf.Object(pdf.Name("Form")) || object["Obj"] != o {
				t.Errorf("the element of %v is %v", o, element)
			}
			wired++
		}
	}
	return wired, all
}

func nothing(tree, document, page pdf.Dict) {}

func TestFieldsOfATaggedDocumentHaveTheirPlaceInItsStructure(t *testing.T) {
	for name, change := range map[string]func(tree, document, page pdf.Dict){
		"a parent tree of one node":      nothing,
		"a parent tree of several nodes": func(tree, _, _ pdf.Dict) { tree["ParentTree"] = pdf.Dict{"Kids": pdf.Array{pdf.Ref{Num: 8}}} },
		"a parent tree apart": func(tree, _, _ pdf.Dict) {
			delete(tree["ParentTree"].(pdf.Dict), "Limits")
			tree["ParentTree"] = pdf.Ref{Num: 8}
		},
		"no element for the whole":    func(tree, _, _ pdf.Dict) { tree["K"] = pdf.Array{pdf.Ref{Num: 5}, pdf.Ref{Num: 6}} },
		"no word of the next key":     func(tree, _, _ pdf.Dict) { delete(tree, "ParentTreeNextKey") },
		"a list of annotations apart": func(_, _, page pdf.Dict) { page["Annots"] = pdf.Ref{Num: 9} },
	} {
		t.Run(name, func(t *testing.T) {
			p, err := proven(t, tagged(change), pades.LevelLTA)
			if err != nil {
				t.Fatal(err)
			}
			p.wantUnchanged(pades.LevelLTA)
			if wired, all := wiredWidgets(t, p.file); wired != all || all < 8 {
				t.Errorf("%d of %d fields are in the structure", wired, all)
			}
			_, _, page := pdfOf(t, p.file)
			if page["Tabs"] != pdf.Object(pdf.Name("S")) {
				t.Errorf("fields come in the order %v", page["Tabs"])
			}
			othersReadTheStructure(t, p.file)
		})
	}
}

func TestAStructureThatIsNotUnderstoodIsLeftAlone(t *testing.T) {
	for name, change := range map[string]func(tree, document, page pdf.Dict){
		"no parent tree":          func(tree, _, _ pdf.Dict) { delete(tree, "ParentTree") },
		"an empty parent tree":    func(tree, _, _ pdf.Dict) { tree["ParentTree"] = pdf.Dict{} },
		"keys that descend":       func(tree, _, _ pdf.Dict) { tree["ParentTree"] = pdf.Dict{"Nums": pdf.Array{3, nil, 2, nil}} },
		"a key without a value":   func(tree, _, _ pdf.Dict) { tree["ParentTree"] = pdf.Dict{"Nums": pdf.Array{3}} },
		"nodes without limits":    func(tree, _, _ pdf.Dict) { tree["ParentTree"] = pdf.Dict{"Kids": pdf.Array{pdf.Ref{Num: 5}}} },
		"keys beyond any count":   func(tree, _, _ pdf.Dict) { tree["ParentTreeNextKey"] = 1 << 31 },
		"no elements":             func(tree, _, _ pdf.Dict) { delete(tree, "K") },
		"an element of no kind":   func(_, document, _ pdf.Dict) { delete(document, "S") },
		"elements in a lost file": func(tree, _, _ pdf.Dict) { tree["K"] = pdf.Ref{Num: 99} },
	} {
		original := tagged(change)
		p, err := proven(t, original, pades.LevelLTA)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p.wantUnchanged(pades.LevelLTA)
		if wired, _ := wiredWidgets(t, p.file); wired != 0 {
			t.Errorf("%s: %d fields are in the structure", name, wired)
		}
		if bytes.Contains(p.file[len(original):], []byte("/ParentTree")) || bytes.Contains(p.file[len(original):], []byte("/StructElem")) {
			t.Errorf("%s: the structure was written again", name)
		}
	}
}
