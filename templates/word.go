package templates

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"chancery/problem"
)

// wordWay is what a document of Word has of its own.
var wordWay = way{
	whole: map[string]bool{"w:tr": true, "w:r": true},
	solid: map[string]bool{
		"w:drawing": true, "w:pict": true, "w:object": true, "w:sym": true, "w:fldChar": true, "w:sectPr": true,
		"w:footnoteReference": true, "w:endnoteReference": true, "m:oMath": true, "w:br": true,
	},
	write: writeRun,
	after: tidy,
}

// accept takes changes that somebody tracked as made, and leaves out what belongs to
// people who write together.
func accept(root *node) {
	root.drop(func(n *node) bool {
		switch n.name {
		case "w:del", "w:moveFrom", "w:commentRangeStart", "w:commentRangeEnd", "w:commentReference", "w:proofErr", "w:permStart", "w:permEnd",
			"w:rPrChange", "w:pPrChange", "w:sectPrChange", "w:tblPrChange", "w:trPrChange", "w:tcPrChange",
			"w:moveFromRangeStart", "w:moveFromRangeEnd", "w:moveToRangeStart", "w:moveToRangeEnd", "w:dataBinding", "w15:dataBinding":
			return true
		}
		return false
	})
	root.each(func(n *node) bool {
		if (n.name == "w:ins" || n.name == "w:moveTo") && n.parent.name != "w:rPr" && n.parent.name != "w:trPr" {
			n.parent.replace(n, n, n.kids...)
		}
		return true
	})
}

var errField = problem.Invalid("template_field_refused", "The template has a field that brings in something from elsewhere; put it into the template itself.")

// fetching are the fields of Word that read other files or programs (ISO/IEC
// 29500-1, 17.16.5).
var fetching = regexp.MustCompile(`(?i)^[\s\x{a0}"]*(INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|DATABASE|RD|HTMLACTIVEX|MACROBUTTON|EMBED)\b`)

// harmless refuses fields that fetch. Word cuts what they say into runs, too.
func (d *docx) harmless(p part) error {
	var said strings.Builder
	var failed error
	judge := func(instruction string) {
		if failed == nil && fetching.MatchString(instruction) {
			failed = about(errField, p.name, strings.TrimSpace(instruction))
		}
	}
	p.root.each(func(n *node) bool {
		switch n.name {
		case "w:instrText", "w:delInstrText":
			said.WriteString(n.content())
		case "w:fldChar":
			judge(said.String())
			said.Reset()
		case "w:fldSimple":
			judge(n.attr("w:instr"))
		}
		return true
	})
	judge(said.String())
	return failed
}

// tidy makes a proper document of what was repeated and left out: a table has rows,
// a cell ends in a paragraph, and names that must be there once are.
func tidy(root *node) {
	root.drop(func(n *node) bool { return n.name == "w:tbl" && !holds(n, "w:tr") })
	root.each(func(n *node) bool {
		switch n.name {
		case "w:tc", "w:txbxContent", "w:hdr", "w:ftr", "w:footnote", "w:endnote":
			if last := lastElement(n); last == nil || last.name != "w:p" {
				n.add(element("w:p"))
			}
		case "w:body":
			if last := lastElement(n); last == nil {
				n.add(element("w:p"))
			}
		}
		return true
	})
	once(root)
}

func holds(n *node, name string) bool {
	has := false
	n.each(func(kid *node) bool {
		has = has || kid.name == name
		return !has
	})
	return has
}

func lastElement(n *node) *node {
	for _, kid := range slices.Backward(n.kids) {
		if kid.name != "" {
			return kid
		}
	}
	return nil
}

// once numbers drawings anew and leaves bookmarks and paragraph ids only where they
// stand first.
func once(root *node) {
	drawings, seen := 0, map[string]bool{}
	again := func(kind, id string) bool {
		key := kind + " " + id
		was := seen[key]
		seen[key] = true
		return was
	}
	root.drop(func(n *node) bool {
		return (n.name == "w:bookmarkStart" || n.name == "w:bookmarkEnd") && again(n.name, n.attr("w:id"))
	})
	root.each(func(n *node) bool {
		if n.name == "wp:docPr" {
			drawings++
			n.attrs = slices.Clone(n.attrs)
			n.set("id", strconv.Itoa(drawings))
		}
		if id := n.attr("w14:paraId"); id != "" && again("paragraph", id) {
			n.unset("w14:paraId")
		}
		return true
	})
}
