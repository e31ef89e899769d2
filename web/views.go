package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"chancery/account"
	"chancery/team"
)

//go:embed templates
var sources embed.FS

// names of the pages; each is a template of its own inside the layout.
var names = []string{"front", "refusal", "sign", "standing", "text", "door", "list", "envelope", "check",
	"sign-up", "mailbox", "prove", "code", "forgotten", "reset", "account", "two-factor", "recovery", "single-sign-on", "invitation", "invitations",
	"activity", "teams", "team", "usage",
	"access", "overview", "keys", "config", "log", "hooks", "hook", "delivery",
	"connections", "connection", "consent", "journeys", "templates", "template", "mappings", "mapping",
	"applications", "application", "customers"}

// views are the pages' templates by name.
type views map[string]*template.Template

// page is what the layout needs of every page.
type page struct {
	Title  string
	Test   bool   // the banner of the sandbox
	Styles string // another stylesheet
	Script string // source of the script

	User  account.User // who has signed in; without an id nobody, or by a link
	Team  team.Team    // whose dashboard it is
	Teams []team.Team  // that they may choose from

	Sections []choice // of the dashboard
	Said     string   // what has been done
	Trouble  string   // why it was not
}

func parse(a assets) (views, error) {
	funcs := template.FuncMap{"asset": a.address, "moment": moment, "machine": machine, "minPassword": func() int { return account.MinPassword }}
	layout, err := template.New("layout.html").Funcs(funcs).ParseFS(sources, "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("read the layout: %w", err)
	}
	parsed := views{}
	for _, name := range names {
		own, err := layout.Clone()
		if err == nil {
			own, err = own.ParseFS(sources, "templates/"+name+".html")
		}
		if err != nil {
			return nil, fmt.Errorf("read page %s: %w", name, err)
		}
		parsed[name] = own
	}
	return parsed, nil
}

// show writes the page once it is whole, so that a fault never shows half a page.
func (v views) show(w http.ResponseWriter, status int, name string, data any) error {
	var out bytes.Buffer
	if err := v[name].ExecuteTemplate(&out, "layout.html", data); err != nil {
		return fmt.Errorf("write page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the reader may be gone
	return nil
}

// moment is a time for people, with its zone.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2 January 2006, 15:04 MST")
}

func machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
