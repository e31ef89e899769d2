package templates

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"chancery/problem"
)

// page is a template in HTML. It is read as the tags stand in it, without moving
// anything, so that the ends of a block may stand between the rows of a table.
type page struct{ root *node }

func openHTML(file []byte) (template, error) {
	if !utf8.Valid(file) || bytes.IndexByte(file, 0) >= 0 {
		return nil, errNotUTF8
	}
	r := reader{tokens: html.NewTokenizer(bytes.NewReader(file)), root: &node{}}
	r.at = r.root
	r.tokens.SetMaxBuf(MaxTemplate)
	for {
		if err := r.next(); errors.Is(err, io.EOF) {
			return page{r.root}, nil
		} else if err != nil {
			return nil, err
		}
	}
}

var errNotUTF8 = problem.Invalid("template_damaged", "The template is not HTML in UTF-8.")

// pagePart is what an HTML template calls itself in messages.
const pagePart = "page"

func (p page) parts() []part { return []part{{pagePart, p.root, pageWay}} }

var pageWay = way{
	whole: map[string]bool{"tr": true},
	solid: map[string]bool{"img": true, "hr": true, "style": true, "title": true},
	write: func(value string) []*node {
		var all []*node
		for i, line := range strings.Split(value, "\n") {
			if i > 0 {
				all = append(all, &node{name: "br", open: true})
			}
			all = append(all, words(line))
		}
		return all
	},
	after: follow,
}

// reader reads tags into a tree.
type reader struct {
	tokens  *html.Tokenizer
	root    *node
	at      *node
	depth   int
	count   int
	skipped string // element that is left out with all that is in it
	inside  int    // how many of that name are open
}

func (r *reader) next() error {
	kind := r.tokens.Next()
	if r.count++; r.count > maxNodes || r.depth > maxDepth {
		return errTooLarge.Because(fmt.Errorf("%d tags, %d deep", r.count, r.depth))
	}
	switch kind {
	case html.ErrorToken:
		return r.tokens.Err()
	case html.TextToken:
		return r.text()
	case html.StartTagToken, html.SelfClosingTagToken:
		return r.start(r.tokens.Token())
	case html.EndTagToken:
		r.end(r.tokens.Token().Data)
	}
	return nil // comments and the doctype are left out
}

func (r *reader) start(t html.Token) error {
	switch {
	case r.skipped != "":
		if t.Data == r.skipped && !void[t.Data] {
			r.inside++
		}
		return nil
	case dropped[t.Data]:
		if !void[t.Data] {
			r.skipped, r.inside = t.Data, 1
		}
		return nil
	case !allowed[t.Data]:
		return nil // what is in it stays
	}
	n := &node{name: t.Data, open: true}
	for _, a := range t.Attr {
		kept, err := r.attribute(t.Data, a)
		if err != nil {
			return err
		}
		if kept != nil {
			n.attrs = append(n.attrs, *kept)
		}
	}
	r.at.add(n)
	if !void[t.Data] {
		r.at, r.depth = n, r.depth+1
	}
	return nil
}

// end closes the nearest element of that name; those in it that have no end tag
// keep having none.
func (r *reader) end(name string) {
	if r.skipped != "" {
		if name == r.skipped {
			if r.inside--; r.inside == 0 {
				r.skipped = ""
			}
		}
		return
	}
	for at, depth := r.at, r.depth; at.parent != nil; at, depth = at.parent, depth-1 {
		if at.name == name {
			at.open = false
			r.at, r.depth = at.parent, depth-1
			return
		}
	}
}

func (r *reader) text() error {
	if r.skipped != "" {
		return nil
	}
	if r.at.name == "style" {
		return r.style(string(r.tokens.Raw()))
	}
	nodes, err := inline(r.tokens.Token().Data)
	r.at.add(nodes...)
	return err
}

func (r *reader) style(css string) error {
	if err := plainStyle(css, "style"); err != nil {
		return err
	}
	r.at.add(&node{text: css, raw: true})
	return nil
}

// inline is text with its tokens.
func inline(text string) ([]*node, error) {
	var all []*node
	rest := 0
	matches := found.FindAllStringSubmatchIndex(text, -1)
	if err := closed(text, matches, pagePart); err != nil {
		return nil, err
	}
	for _, m := range matches {
		if isTag(text[m[2]:m[3]]) {
			continue
		}
		t, err := readToken(text[m[2]:m[3]])
		if err != nil {
			return nil, about(err, pagePart, text[m[0]:m[1]])
		}
		all = append(all, words(text[rest:m[0]]), &node{token: t})
		rest = m[1]
	}
	return append(all, words(text[rest:])), nil
}

var errMisplaced = problem.Invalid("token_misplaced", "Merge tokens may stand in text and in plain attributes, not in styles, and blocks only in text.")

// attribute is one that may stay, with its tokens.
func (r *reader) attribute(element string, a html.Attribute) (*attribute, error) {
	if !attributes[a.Key] || a.Namespace != "" {
		if element == "img" && a.Key == "src" || a.Key == "srcset" || a.Key == "background" {
			return picture(a)
		}
		return nil, nil
	}
	kept := &attribute{name: a.Key, value: a.Val}
	if a.Key == "style" {
		return kept, plainStyle(a.Val, "style")
	}
	for _, m := range found.FindAllStringSubmatch(a.Val, -1) {
		t, err := readToken(m[1])
		if err == nil && t.sign != Value {
			err = errMisplaced
		}
		if err != nil {
			return nil, about(err, pagePart, m[0])
		}
		kept.tokens = append(kept.tokens, t)
	}
	return kept, nil
}

// picture is one that the page brings along.
func picture(a html.Attribute) (*attribute, error) {
	for _, kind := range []string{"png", "jpeg", "gif", "webp"} {
		if strings.HasPrefix(a.Val, "data:image/"+kind+";base64,") && a.Key == "src" {
			return &attribute{name: "src", value: a.Val}, nil
		}
	}
	return nil, about(errExternal, pagePart, a.Val)
}

// plainStyle refuses styles that fetch or hold tokens. Those that are written so
// that this is not seen find no network and no files.
func plainStyle(css, where string) error {
	if found.MatchString(css) {
		return about(errMisplaced, pagePart, found.FindString(css))
	}
	lower := strings.ToLower(css)
	for _, word := range []string{"@import", "url(", "image-set(", "expression("} {
		if at := strings.Index(lower, word); at >= 0 && !strings.HasPrefix(strings.TrimLeft(lower[at+len(word):], `"' `), "data:image/") {
			return about(errExternal, pagePart+" "+where, css[at:min(len(css), at+maxShown)])
		}
	}
	return nil
}

// follow leaves only links that people follow by themselves, whatever a value has
// made of them.
func follow(root *node) {
	root.each(func(n *node) bool {
		if target := n.attr("href"); target != "" && !isAddress(target) && !strings.HasPrefix(target, "#") {
			n.unset("href")
		}
		return true
	})
}

// head goes before the page: no script, nothing from elsewhere, whatever has come
// through.
const head = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">` + "\n"

func (p page) write() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(head)
	for _, kid := range p.root.kids {
		kid.writeHTML(&out)
	}
	return out.Bytes(), nil
}

func (n *node) writeHTML(out *bytes.Buffer) {
	switch {
	case n.raw:
		out.WriteString(n.text)
		return
	case n.name == "":
		out.WriteString(html.EscapeString(visible(n.text)))
		return
	}
	out.WriteString("<" + n.name)
	for _, a := range n.attrs {
		out.WriteString(" " + a.name + `="` + html.EscapeString(visible(a.value)) + `"`)
	}
	out.WriteByte('>')
	for _, kid := range n.kids {
		kid.writeHTML(out)
	}
	if !n.open {
		out.WriteString("</" + n.name + ">")
	}
}

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// What may be in a page: what says how text looks. Other elements go and leave
// their text, but for those whose text is not for reading.
var (
	allowed = set(`html head body title style main section article header footer nav aside h1 h2 h3 h4 h5 h6 p br wbr hr div span
		a b strong i em u s small big sub sup mark code pre kbd samp var blockquote q cite abbr dfn address time ins del bdi bdo ruby rt rp
		dl dt dd ul ol li table caption colgroup col thead tbody tfoot tr th td img figure figcaption center font`)
	dropped = set(`script noscript template iframe frame frameset object embed applet param svg math link base meta audio video source track
		canvas form input button select textarea option portal dialog noembed noframes xmp plaintext`)
	void       = set("br wbr hr img col link base meta param source track input embed frame")
	attributes = set(`class id style title alt lang dir colspan rowspan width height align valign scope start type value reversed span
		href cite datetime border cellpadding cellspacing bgcolor color face size headers summary`)
)
