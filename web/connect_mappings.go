package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/id"
	"chancery/integration"
	"chancery/problem"
)

const mappingsAt = "/dashboard/connectors/mappings"

// maxMappingForm holds the longest mapping, in which every byte may be written as three.
const maxMappingForm = 3*mapping.MaxSize + maxForm

type mappingsPage struct {
	connectPage
	Mappings    []mapping.Kept
	Connections []connectors.Connection
}

// mappingsPage lists what says how records become envelopes.
func (s *site) mappingsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	view := mappingsPage{connectPage: s.connectPage(w, r, v, "Mappings")}
	if view.Mappings, err = s.Administration.Mappings(r.Context(), v.team.ID); err != nil {
		return err
	}
	if view.Connections, err = s.Administration.Connections(r.Context(), v.team.ID); err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "mappings", view)
}

// editor is the page of a mapping: its text, what can stand in it, and what would
// come of it.
type editor struct {
	connectPage
	One        mapping.Kept
	Connection connectors.Connection
	Address    string
	Request    string // id of the request to send a table, so that sending it twice is one
	New        string // id of a mapping that is yet to be made, so that sending the form twice makes one
	Text       string
	Record     string // id of a record to try it with
	Checked    bool
	Stale      bool // somebody else has saved a newer version
	Faults     []mapping.Fault
	Preview    *preview
	Types      []string // of records, when the text names none that is known
	Fields     []pathChoice
	Related    []pathChoice // records into which paths go on
	Lead       string       // the one that is opened
	Inside     []pathChoice // its fields
	Unknown    string       // why there are no fields
}

// pathChoice is something of a record that a mapping can name.
type pathChoice struct {
	connectors.Field
	Path string
}

// preview is what would come of a record, for people.
type preview struct {
	integration.Preview
	Back []previewBack
}

type previewBack struct {
	On    string
	Lines []string
}

// example is what stands in the editor of a new mapping.
const example = `mapping: Contract
record: %s
start: {on: [updated], when: 'record.Name != ""'}
documents: [{template: contract}]
title: {text: "Contract for {{Name}}"}
recipients:
  - {ref: customer, name: {path: Name}, email: {path: Email}}
back:
  - on: envelope.completed
    files: [{what: documents}]
`

// newMapping is an editor with an example in it.
func (s *site) newMapping(w http.ResponseWriter, r *http.Request) error {
	v, view, err := s.newEditor(r)
	if err != nil {
		return err
	}
	kind := "Opportunity"
	if types, err := s.Integration.Types(r.Context(), v.team.ID, view.Connection.ID); err == nil && len(types) > 0 {
		kind = types[0]
	}
	view.Text = fmt.Sprintf(example, kind)
	return s.showEditor(w, r, http.StatusOK, v, view, nil)
}

func (s *site) newEditor(r *http.Request) (visitor, editor, error) {
	v, _, c, err := s.wantedConnection(r)
	return v, editor{Connection: c, Address: mappingsAt + "/new/" + c.ID, New: id.New(id.Mapping), One: mapping.Kept{Team: v.team.ID, Connection: c.ID}}, err
}

var errNoMapping = problem.Missing("mapping_missing", "There is no such mapping.")

// wantedMapping is an editor of the mapping that the address names.
func (s *site) wantedMapping(r *http.Request) (visitor, editor, error) {
	v, err := s.connector(r)
	if err != nil {
		return v, editor{}, err
	}
	wanted := r.PathValue("mapping")
	if !id.Is(id.Mapping, wanted) {
		return v, editor{}, errNoMapping
	}
	view := editor{Address: mappingsAt + "/" + wanted}
	if view.One, err = s.Administration.TeamMapping(r.Context(), v.team.ID, wanted); err != nil {
		return v, view, err
	}
	view.Connection, err = s.Administration.TeamConnection(r.Context(), v.team.ID, view.One.Connection)
	return v, view, err
}

// keptMapping is an editor with the text of the mapping that the address names.
func (s *site) keptMapping(r *http.Request) (visitor, editor, error) {
	v, view, err := s.wantedMapping(r)
	if err != nil {
		return v, view, err
	}
	text, err := mapping.Text(view.One.Mapping)
	view.Text = string(text)
	return v, view, err
}

func (s *site) mappingPage(w http.ResponseWriter, r *http.Request) error {
	v, view, err := s.keptMapping(r)
	if err != nil {
		return err
	}
	return s.showEditor(w, r, http.StatusOK, v, view, nil)
}

// edit does what a button of the editor says.
func (s *site) edit(open func(*http.Request) (visitor, editor, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxMappingForm)
		v, view, err := open(r)
		if err != nil {
			return err
		}
		view.Text = strings.ReplaceAll(r.PostFormValue("text"), "\r\n", "\n") // as browsers send lines
		view.Record, view.Lead = word(r, "record"), r.PostFormValue("lead")
		view.One.Enabled, view.One.Author = r.PostFormValue("enabled") != "", v.actor.ID
		if wished := r.PostFormValue("id"); view.One.ID == "" && id.Is(id.Mapping, wished) {
			view.New = wished
		}
		if view.One.ID != "" {
			if _, err := fmt.Sscan(r.PostFormValue("version"), &view.One.Version); err != nil {
				return problem.Invalid("version_invalid", "Please load the page again.").At("version").Because(err)
			}
		}
		switch r.PostFormValue("do") {
		case "save":
			return s.saveMapping(w, r, v, view)
		case "preview":
			err = s.tryMapping(r.Context(), &view)
		case "check":
			err = s.checkMapping(r.Context(), v, &view)
		}
		if err == nil {
			return s.showEditor(w, r, http.StatusOK, v, view, nil)
		}
		return s.troubledEditor(w, r, v, view, err)
	}
}

func (s *site) troubledEditor(w http.ResponseWriter, r *http.Request, v visitor, view editor, err error) error {
	p, mendable := tell(err)
	if !mendable {
		return err
	}
	return s.showEditor(w, r, statuses[p.Kind], v, view, p)
}

// reads makes a mapping of the text.
func (e *editor) reads() (err error) {
	if e.One.Mapping, err = mapping.Read([]byte(e.Text)); err != nil {
		return problem.Of(err).At("text")
	}
	return nil
}

func (s *site) checkMapping(ctx context.Context, v visitor, view *editor) (err error) {
	if err := view.reads(); err != nil {
		return err
	}
	view.Faults, err = s.Integration.Check(ctx, v.team.ID, view.Connection.ID, view.One.Mapping)
	view.Checked = err == nil
	return err
}

func (s *site) tryMapping(ctx context.Context, view *editor) error {
	if err := view.reads(); err != nil {
		return err
	}
	if view.Record == "" || len(view.Record) > maxRecord {
		return errNoRecord
	}
	found, err := s.Integration.Preview(ctx, view.One, view.Record)
	if err != nil {
		return err
	}
	view.Preview = &preview{Preview: found}
	for _, b := range found.Back {
		shown := previewBack{On: string(b.On)}
		for _, f := range b.Out.Fields {
			shown.Lines = append(shown.Lines, fmt.Sprintf("%s = %v", f.Field, f.Value))
		}
		for _, f := range b.Out.Files {
			shown.Lines = append(shown.Lines, "a file: "+f.What+" "+f.Name)
		}
		view.Preview.Back = append(view.Preview.Back, shown)
	}
	return nil
}

// saveMapping keeps the mapping when nothing is wrong with it, and nobody has kept
// a newer one meanwhile.
func (s *site) saveMapping(w http.ResponseWriter, r *http.Request, v visitor, view editor) error {
	if err := view.reads(); err != nil {
		return s.troubledEditor(w, r, v, view, err)
	}
	one := view.One
	if one.ID == "" {
		one.ID = view.New
	}
	saved, faults, err := s.Integration.SaveMapping(r.Context(), one)
	if view.New != "" && problem.Has(err, "mapping_changed") { // it has been sent before
		saved, err = s.savedBefore(r.Context(), one, err)
		view.Address = mappingsAt + "/" + one.ID
	}
	if errors.Is(err, integration.ErrFaults) {
		view.Checked, view.Faults = true, faults
	}
	if err != nil {
		return s.troubledEditor(w, r, v, view, err)
	}
	s.noted(r, v, v.team.ID, "mapping.saved", "mapping", saved.ID)
	sentence := "The mapping is saved as version %d. Records do not start it by themselves yet."
	if saved.Enabled {
		sentence = "The mapping is saved as version %d, and records start it from now on."
	}
	http.Redirect(w, r, s.said(w, mappingsAt+"/"+saved.ID, fmt.Sprintf(sentence, saved.Version)), http.StatusSeeOther)
	return nil
}

// savedBefore is the mapping that the same form has made already; another one that
// was made of it is not written over.
func (s *site) savedBefore(ctx context.Context, one mapping.Kept, refused error) (mapping.Kept, error) {
	kept, err := s.Administration.TeamMapping(ctx, one.Team, one.ID)
	if err != nil {
		return one, err
	}
	there, err := mapping.Text(kept.Mapping)
	if err != nil {
		return one, err
	}
	wished, err := mapping.Text(one.Mapping)
	if err != nil {
		return one, err
	}
	if !bytes.Equal(there, wished) || kept.Enabled != one.Enabled {
		return one, refused
	}
	return kept, nil
}

func (s *site) showEditor(w http.ResponseWriter, r *http.Request, status int, v visitor, view editor, trouble *problem.Problem) error {
	view.connectPage, view.Request = s.connectPage(w, r, v, "Mappings"), id.New(id.Request)
	if trouble != nil {
		view.Trouble, view.Wrong, view.Stale = trouble.Public, trouble.Field, trouble.Code == "mapping_changed"
	}
	if m, err := mapping.Read([]byte(view.Text)); err == nil {
		view.One.Mapping = m
	}
	if err := s.fillFields(r.Context(), v, &view); err != nil {
		p, mendable := tell(err)
		if !mendable {
			return err
		}
		view.Unknown = p.Public
		view.Types, _ = s.Integration.Types(r.Context(), v.team.ID, view.Connection.ID) // the reason stands there already
	}
	return s.views.show(w, status, "mapping", view)
}

// fillFields tells what the type of record has, and what the related record has that
// is opened.
func (s *site) fillFields(ctx context.Context, v visitor, view *editor) error {
	described, err := s.Integration.Describe(ctx, v.team.ID, view.Connection.ID, view.One.Mapping.Record)
	if err != nil {
		return err
	}
	view.Fields, view.Related = pathsOf(described, "")
	lead, there := described.Leads(view.Lead)
	if view.Lead == "" || !there || lead.Refers == "" {
		view.Lead = ""
		return nil
	}
	inside, err := s.Integration.Describe(ctx, v.team.ID, view.Connection.ID, lead.Refers)
	if err != nil {
		return err
	}
	view.Inside, _ = pathsOf(inside, view.Lead+".")
	return nil
}

// pathsOf are the paths of a record's own fields, and of the records that it leads to.
func pathsOf(s connectors.Schema, before string) (fields, related []pathChoice) {
	for _, f := range s.Fields {
		if f.Name != "" && f.Kind != connectors.Other {
			fields = append(fields, pathChoice{f, before + f.Name})
		}
		if f.Related != "" && f.Refers != "" {
			related = append(related, pathChoice{f, before + f.Related})
		}
	}
	return fields, related
}
