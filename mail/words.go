package mail

import (
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
)

//go:embed templates
var templates embed.FS

// The words of each kind of letter are written once, as plain text in named
// pieces; one layout sets them as text, another as HTML. So the two halves of a
// message cannot say different things, and only the HTML layout needs escaping.
var (
	kinds = words(Invitation, Reminder, Delegated, Completion, Copy, Declined, Voided, Expired, Bounced)

	textLayout = text.Must(text.New("letter.txt").
			Funcs(text.FuncMap{"quoted": quoted}).ParseFS(templates, "templates/letter.txt"))
	htmlLayout = html.Must(html.New("letter.html").
			Funcs(html.FuncMap{"lines": lines}).ParseFS(templates, "templates/letter.html"))
)

func words(kinds ...Kind) map[Kind]*text.Template {
	shared := text.Must(text.ParseFS(templates, "templates/shared.tmpl"))
	all := make(map[Kind]*text.Template, len(kinds))
	for _, kind := range kinds {
		own := text.Must(shared.Clone())
		all[kind] = text.Must(own.ParseFS(templates, "templates/"+string(kind)+".tmpl"))
	}
	return all
}

func known(kind Kind) bool { return kinds[kind] != nil }

// page is a letter in words.
type page struct{ subject, text, html string }

// sheet is what the layouts fill in.
type sheet struct {
	Letter
	House                      string
	Heading, Lead, Button, Why string
	Next                       []string
}

func write(letter Letter, house House) (page, error) {
	sheet := sheet{Letter: letter, House: house.Name}
	return set(kinds[letter.Kind], sheet, sheet)
}

// set fills the words in with what is told, and sets them in both layouts.
func set(words *text.Template, told any, sheet sheet) (page, error) {
	var subject, next string
	for name, into := range map[string]*string{
		"subject": &subject, "heading": &sheet.Heading, "lead": &sheet.Lead,
		"button": &sheet.Button, "next": &next, "why": &sheet.Why,
	} {
		var out strings.Builder
		if err := words.ExecuteTemplate(&out, name, told); err != nil {
			return page{}, fmt.Errorf("find words for %s: %w", name, err)
		}
		*into = strings.TrimSpace(out.String())
	}
	sheet.Next = split(next)
	var plain, rich strings.Builder
	if err := textLayout.Execute(&plain, sheet); err != nil {
		return page{}, fmt.Errorf("set the text: %w", err)
	}
	if err := htmlLayout.Execute(&rich, sheet); err != nil {
		return page{}, fmt.Errorf("set the HTML: %w", err)
	}
	return page{subject: subject, text: plain.String(), html: rich.String()}, nil
}

// split makes one paragraph of every line that is not empty.
func split(text string) []string {
	var paragraphs []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			paragraphs = append(paragraphs, line)
		}
	}
	return paragraphs
}

func lines(text string) []string { return strings.Split(text, "\n") }

// quoted marks the words of a person as theirs in plain text.
func quoted(text string) string { return "> " + strings.ReplaceAll(text, "\n", "\n> ") }
