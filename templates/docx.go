package templates

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"chancery/problem"
)

// docx is a document of Word: a ZIP archive of parts that refer to each other
// (ISO/IEC 29500-2). Only what the main part leads to by relations that we know
// goes into the filled document.
type docx struct {
	files map[string][]byte
	kept  []string         // names of the parts that are written, in their order
	trees map[string]*node // those that are XML
	main  string
}

// Where the package says what it is.
const (
	contentTypes = "[Content_Types].xml"
	topRelations = "_rels/.rels"
)

func openDOCX(file []byte) (template, error) {
	files, err := unpack(file)
	if err != nil {
		return nil, err
	}
	d := &docx{files: files, trees: map[string]*node{}}
	if err := d.follow("", topRelations, 0); err != nil {
		return nil, err
	}
	if d.main == "" {
		return nil, errDamaged.Because(fmt.Errorf("no main part"))
	}
	if err := d.types(); err != nil {
		return nil, err
	}
	for _, p := range d.parts() {
		accept(p.root)
		if err := d.harmless(p); err != nil {
			return nil, err
		}
		if err := tokenise(p.root, p.name); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// unpack reads all parts, within limits.
func unpack(file []byte) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	if len(archive.File) > maxParts {
		return nil, errTooLarge.Because(fmt.Errorf("%d files", len(archive.File)))
	}
	files, room := map[string][]byte{}, int64(maxUnpacked)
	for _, f := range archive.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if _, twice := files[f.Name]; twice || f.Name != path.Clean(f.Name) || strings.HasPrefix(f.Name, "/") || strings.HasPrefix(f.Name, "../") || strings.Contains(f.Name, `\`) {
			return nil, errDamaged.Because(fmt.Errorf("part %.80q", f.Name))
		}
		data, err := unpackOne(f, room)
		if err != nil {
			return nil, err
		}
		room -= int64(len(data))
		files[f.Name] = data
	}
	return files, nil
}

// unpackOne believes no size that the archive tells.
func unpackOne(f *zip.File, room int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, errDamaged.Because(err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, room+1))
	switch {
	case int64(len(data)) > room:
		return nil, errTooLarge.Because(fmt.Errorf("parts of more than %d bytes", maxUnpacked))
	case err != nil:
		return nil, errDamaged.Because(err)
	}
	return data, nil
}

// relationsOf names the part that holds a part's relations.
func relationsOf(name string) string {
	dir, base := path.Split(name)
	return dir + "_rels/" + base + ".rels"
}

// follow keeps a part and what it leads to.
func (d *docx) follow(name, relations string, depth int) error {
	data, has := d.files[relations]
	if !has {
		return nil
	}
	if depth > maxDepth {
		return errTooLarge
	}
	tree, err := parseXML(data)
	if err != nil {
		return err
	}
	list := lastElement(tree)
	gone := map[string]bool{}
	for _, r := range slices.Clone(list.kids) {
		if r.name == "" {
			continue
		}
		stays, err := d.relation(name, r, depth)
		if err != nil {
			return err
		}
		if !stays {
			gone[r.attr("Id")] = true
			r.remove()
		}
	}
	d.keep(relations, tree)
	if owner := d.trees[name]; owner != nil {
		forget(owner, gone)
	}
	return nil
}

func (d *docx) keep(name string, tree *node) {
	if !slices.Contains(d.kept, name) {
		d.kept = append(d.kept, name)
	}
	if tree != nil {
		d.trees[name] = tree
	}
}

// fate of a relation, by the last word of its type.
type fate int

const (
	left    fate = iota // left out, with what refers to it
	kept                // with what it leads to
	refused             // the whole template is
)

// fates of relations inside the package. What is not listed is left out: comments,
// forms' data, settings of printers, and whatever somebody thinks of next.
var fates = map[string]fate{
	"officeDocument": kept, "core-properties": kept, "extended-properties": kept,
	"styles": kept, "settings": kept, "fontTable": kept, "theme": kept, "numbering": kept,
	"footnotes": kept, "endnotes": kept, "header": kept, "footer": kept, "image": kept, "font": kept,
	"chart": kept, "chartUserShapes": kept, "chartStyle": kept, "chartColorStyle": kept,
	"diagramData": kept, "diagramLayout": kept, "diagramQuickStyle": kept, "diagramColors": kept, "diagramDrawing": kept,
	"vbaProject": refused, "control": refused, "aFChunk": refused, "subDocument": refused, "frame": refused, "wordVbaData": refused,
}

var (
	errMacros   = problem.Invalid("template_macros", "The template holds macros or controls; save it as a document without them (.docx).")
	errExternal = problem.Invalid("template_external", "The template shows something that lies elsewhere; put it into the template itself.")
	errPart     = problem.Invalid("template_part_refused", "The template holds a piece of another kind of document; put its text into the template itself.")
)

// relation judges one relation and follows it.
func (d *docx) relation(from string, r *node, depth int) (stays bool, err error) {
	kind := path.Base(r.attr("Type"))
	if strings.EqualFold(r.attr("TargetMode"), "External") {
		return external(from, kind, r.attr("Target"))
	}
	switch fates[kind] {
	case refused:
		if kind == "vbaProject" || kind == "wordVbaData" || kind == "control" {
			return false, about(errMacros, from, kind)
		}
		return false, about(errPart, from, kind)
	case left:
		return false, nil
	}
	name := strings.TrimPrefix(path.Join("/", path.Dir(from), r.attr("Target")), "/")
	if strings.HasPrefix(r.attr("Target"), "/") {
		name = strings.TrimPrefix(path.Clean(r.attr("Target")), "/")
	}
	data, has := d.files[name]
	if !has || kind == "image" && !isPicture(data) {
		return false, nil
	}
	if kind == "officeDocument" {
		d.main = name
	}
	if slices.Contains(d.kept, name) {
		return true, nil
	}
	if !strings.HasSuffix(name, ".xml") {
		d.keep(name, nil)
		return true, nil
	}
	tree, err := parseXML(data)
	if err != nil {
		return false, about(err, name, kind)
	}
	d.keep(name, tree)
	return true, d.follow(name, relationsOf(name), depth+1)
}

// external judges what lies outside of the package.
func external(from, kind, target string) (stays bool, err error) {
	switch kind {
	case "hyperlink":
		return isAddress(target), nil
	case "image", "aFChunk", "subDocument", "frame", "oleObject", "video", "audio", "media":
		return false, about(errExternal, from, target)
	}
	return false, nil
}

// isAddress tells whether a link leads to where people go by themselves.
func isAddress(target string) bool {
	scheme, _, found := strings.Cut(strings.ToLower(strings.TrimSpace(target)), ":")
	return found && slices.Contains([]string{"http", "https", "mailto", "tel"}, scheme)
}

// isPicture tells whether the data is of a kind that is only a picture, and not one
// that leads to others, as SVG does.
func isPicture(data []byte) bool {
	for _, mark := range []string{"\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF8", "BM", "II*\x00", "MM\x00*", "\x01\x00\x00\x00", "\xd7\xcd\xc6\x9a", "\x01\x00\x09\x00"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return true
		}
	}
	return false
}

// forget takes out what refers to relations that are gone. Text stays where a link
// was.
func forget(root *node, gone map[string]bool) {
	refers := func(n *node) bool {
		return slices.ContainsFunc(n.attrs, func(a attribute) bool {
			return gone[a.value] && (strings.HasPrefix(a.name, "r:") || strings.HasPrefix(a.name, "o:rel"))
		})
	}
	root.each(func(n *node) bool {
		if strings.HasPrefix(n.name, "w:hyperlink") || n.name == "a:blip" {
			n.attrs = slices.DeleteFunc(n.attrs, func(a attribute) bool { return gone[a.value] && a.name != "r:embed" && strings.HasPrefix(a.name, "r:") })
		}
		return true
	})
	root.drop(refers)
}

// types says what the parts that are written are, and that the main one is a
// document.
func (d *docx) types() error {
	tree, err := parseXML(d.files[contentTypes])
	if err != nil {
		return err
	}
	list := lastElement(tree)
	for _, t := range slices.Clone(list.kids) {
		name := strings.TrimPrefix(t.attr("PartName"), "/")
		switch {
		case t.name == "Override" && name == d.main:
			if strings.Contains(t.attr("ContentType"), "macroEnabled") {
				return about(errMacros, name, t.attr("ContentType"))
			}
			t.set("ContentType", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")
		case t.name == "Override" && !slices.Contains(d.kept, name):
			t.remove()
		}
	}
	d.kept = slices.Insert(d.kept, 0, contentTypes)
	d.trees[contentTypes] = tree
	return nil
}

// filled are the parts that have text of the document, by their outermost element.
var filled = []string{"w:document", "w:hdr", "w:ftr", "w:footnotes", "w:endnotes"}

func (d *docx) parts() []part {
	var all []part
	for _, name := range d.kept {
		tree := d.trees[name]
		if tree != nil && slices.ContainsFunc(tree.kids, func(n *node) bool { return slices.Contains(filled, n.name) }) {
			all = append(all, part{name, tree, wordWay})
		}
	}
	return all
}

func (d *docx) write() ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range d.kept {
		data := d.files[name]
		if tree := d.trees[name]; tree != nil {
			data = writeXML(tree)
		}
		w, err := archive.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
	}
	err := archive.Close()
	return out.Bytes(), err
}
