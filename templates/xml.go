package templates

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"chancery/problem"
)

var errDamaged = problem.Invalid("template_damaged", "The template is damaged, or not a document of Word (.docx) as Word writes it.")

// parseXML reads a part as a tree under a nameless root. There are no document
// types, so there are no entities but the five, and prefixes are taken as they
// come: all writers of these documents use the same ones.
func parseXML(data []byte) (*node, error) {
	if len(data) > maxXML {
		return nil, errTooLarge
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	root := &node{}
	at, depth, count := root, 0, 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errDamaged.Because(err)
		}
		if count++; count > maxNodes || depth > maxDepth {
			return nil, errTooLarge.Because(fmt.Errorf("%d nodes, %d deep", count, depth))
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := elementOf(t)
			at.add(n)
			at, depth = n, depth+1
		case xml.EndElement:
			if at.parent == nil || at.name != prefixed(t.Name) {
				return nil, errDamaged.Because(fmt.Errorf("</%s> ends nothing", prefixed(t.Name)))
			}
			at, depth = at.parent, depth-1
		case xml.CharData:
			at.add(words(string(t)))
		case xml.Directive:
			return nil, errDamaged.Because(errors.New("the part has a document type"))
		}
	}
	if at != root || lastElement(root) == nil {
		return nil, errDamaged.Because(errors.New("the part ends before its elements do"))
	}
	return root, nil
}

func elementOf(t xml.StartElement) *node {
	n := &node{name: prefixed(t.Name)}
	for _, a := range t.Attr {
		n.attrs = append(n.attrs, attribute{name: prefixed(a.Name), value: a.Value})
	}
	return n
}

func prefixed(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// writeXML is the part again.
func writeXML(root *node) []byte {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	for _, kid := range root.kids {
		kid.writeXML(&out)
	}
	return out.Bytes()
}

func (n *node) writeXML(out *bytes.Buffer) {
	if n.name == "" {
		out.WriteString(xmlText.Replace(visible(n.text)))
		return
	}
	out.WriteString("<" + n.name)
	for _, a := range n.attrs {
		out.WriteString(" " + a.name + `="` + xmlAttribute.Replace(visible(a.value)) + `"`)
	}
	if len(n.kids) == 0 {
		out.WriteString("/>")
		return
	}
	out.WriteByte('>')
	for _, kid := range n.kids {
		kid.writeXML(out)
	}
	out.WriteString("</" + n.name + ">")
}

var (
	xmlText      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	xmlAttribute = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", "&#10;", "\r", "&#13;", "\t", "&#9;")
)

// visible takes out what no XML may hold (XML 1.0, 2.2).
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == '\uFFFE' || r == '\uFFFF' {
			return -1
		}
		return r
	}, text)
}
