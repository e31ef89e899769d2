// Package templates makes documents from data: a template in DOCX or HTML, filled
// with a record and turned into a PDF.
//
//	filled, err := templates.Fill(templates.DOCX, template, record, place)
//	file, err := templates.Render(ctx, templates.DOCX, filled)
//
// # Merge tokens
//
// A token is written into the text of the template, in any formatting, and takes
// that of its first character:
//
//	{{Account.Name}}                 what the record has at this path
//	{{Amount|money:EUR}}             changed by a transform of connectors/mapping, or several
//	{{Phone|default:not known}}      the words for when there is nothing; may be empty
//	{{#Lines}} … {{/Lines}}          once for each element of a list, whose members come first
//	{{.}}                            the element itself, in a list of plain values
//	{{?Discount}} … {{/Discount}}    only if it is there and neither false nor empty
//	{{^Discount}} … {{/Discount}}    only if not
//
// What stands between the two ends of a block is repeated or left out in the
// smallest whole pieces that hold both ends: words of a paragraph, paragraphs, items
// of a list, or the rows of a table, when the ends are in different cells. A
// paragraph or row that holds nothing but an end vanishes.
//
// Text tags for fields to sign (package tags) are no tokens and stay as they are.
// What a record says never becomes one: brackets in values are set apart.
//
// # What a template may hold
//
// Values are text and nothing else, whatever they hold: markup in them is shown,
// control characters and marks that turn the direction of text are taken out. A
// template itself comes from people of the team, but it is not trusted either:
// macros, pieces of other files and whatever would be fetched are refused, what
// merely could do harm (embedded objects, attached templates, scripts, comments) is
// left out. The programs that make the PDF run in the jail.
package templates

import (
	"context"

	"chancery/connectors/mapping"
	"chancery/jail"
	"chancery/problem"
)

// Kind of template.
type Kind string

const (
	DOCX Kind = "docx"
	HTML Kind = "html"
)

// Limits of a template and of what becomes of it.
const (
	MaxTemplate = 20 << 20  // bytes of the file
	maxParts    = 2_000     // files in a DOCX
	maxUnpacked = 128 << 20 // bytes that they unpack to, together
	maxXML      = 32 << 20  // bytes of one that is XML
	maxDepth    = 256       // elements in elements
	maxNodes    = 1_000_000 // elements and texts of one part, before and after
	MaxValue    = 20_000    // characters of one value
	maxToken    = 500       // bytes of one token
	maxShown    = 120       // characters of a token in a message
)

var (
	errKind     = problem.Invalid("template_kind_unknown", "A template is a DOCX or an HTML file.")
	errTooLarge = problem.TooLarge("template_too_large", "The template is larger than 20 MB, or unpacks to more than a document holds.")
	errFilled   = problem.TooLarge("filled_too_large", "The document would be larger than anybody can read: its lists have too many elements.")
)

// Fill puts the data into the template. What is wrong is a problem that names the
// token, the part of the template it stands in and the path in the data.
func Fill(kind Kind, template []byte, data map[string]any, place mapping.Place) ([]byte, error) {
	t, err := open(kind, template)
	if err != nil {
		return nil, err
	}
	made := 0
	for _, p := range t.parts() {
		f := filler{way: p.way, part: p.name, place: place, made: &made}
		if err := f.fill(p.root, data); err != nil {
			return nil, err
		}
	}
	return t.write()
}

// Tokens lists what the template asks for, in its order, for checking a mapping
// before anything is sent. The problems are those of Fill that need no data.
func Tokens(kind Kind, template []byte) ([]Token, error) {
	t, err := open(kind, template)
	if err != nil {
		return nil, err
	}
	var all []Token
	for _, p := range t.parts() {
		if _, err := pair(p.root, p.way, p.name); err != nil {
			return nil, err
		}
		all = append(all, listed(p.root, p.name, nil)...)
	}
	return all, nil
}

// Render makes a PDF of a filled template. Problems are renderer_missing,
// render_failed and render_too_complex.
func Render(ctx context.Context, kind Kind, filled []byte) ([]byte, error) {
	switch kind {
	case DOCX:
		return jail.RenderDOCX(ctx, filled)
	case HTML:
		return jail.RenderHTML(ctx, filled)
	}
	return nil, errKind
}

// template is one that has been read and found harmless.
type template interface {
	parts() []part
	write() ([]byte, error)
}

// part of a template that holds text.
type part struct {
	name string
	root *node
	way  way
}

// way is what a kind of document has of its own.
type way struct {
	whole map[string]bool            // elements that are repeated whole, such as the row of a table
	solid map[string]bool            // elements without text that are more than nothing
	write func(words string) []*node // a value, with its line ends
	after func(root *node)           // makes it a proper document again
}

func open(kind Kind, file []byte) (template, error) {
	if len(file) > MaxTemplate {
		return nil, errTooLarge
	}
	switch kind {
	case DOCX:
		return openDOCX(file)
	case HTML:
		return openHTML(file)
	}
	return nil, errKind
}
