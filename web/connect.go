package web

import (
	"net/http"
	"strings"

	"chancery/connectors"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

func (s *site) connectRoutes(handle func(string, handler)) {
	const at = "/dashboard/connectors"
	handle("GET "+at, s.connectionsPage)
	handle("GET "+at+"/new/{system}", s.newConnection)
	handle("POST "+at+"/new/{system}", s.connect)
	handle("GET "+at+"/connections/{connection}", s.connectionPage)
	handle("POST "+at+"/connections/{connection}", s.reconnect)
	handle("POST "+at+"/connections/{connection}/compare", s.compareConnection)
	handle("POST "+at+"/connections/{connection}/delete", s.disconnect)
	handle("GET "+consentReturn, s.consented)
	handle("GET "+templatesAt, s.templatesPage)
	handle("POST "+templatesAt, s.addTemplate)
	handle("GET "+templatesAt+"/{template}", s.templatePage)
	handle("POST "+templatesAt+"/{template}/retire", s.retireTemplate)
	handle("GET "+mappingsAt, s.mappingsPage)
	handle("GET "+mappingsAt+"/new/{connection}", s.newMapping)
	handle("POST "+mappingsAt+"/new/{connection}", s.edit(s.newEditor))
	handle("GET "+mappingsAt+"/{mapping}", s.mappingPage)
	handle("POST "+mappingsAt+"/{mapping}", s.edit(s.wantedMapping))
	handle("POST "+at+"/tables/{mapping}", s.bringTable)
	handle("GET "+at+"/journeys", s.journeysPage)
	handle("POST "+at+"/journeys", s.press)
	handle("POST "+at+"/journeys/{journey}/retry", s.retryJourney)
}

// connectPage is what the pages about connectors share.
type connectPage struct {
	page
	Parts []choice // the pages about connectors
	Wrong string   // place in the form that lacks something
}

// connectPage begins a page about the connectors of the visitor's team.
func (s *site) connectPage(w http.ResponseWriter, r *http.Request, v visitor, part string) connectPage {
	p := connectPage{page: v.page(part + " · Connectors").in("Connectors")}
	p.Said = s.heard(w, r)
	p.Parts = []choice{
		{Name: "Connections", Address: "/dashboard/connectors"}, {Name: "Templates", Address: templatesAt},
		{Name: "Mappings", Address: mappingsAt}, {Name: "Journeys", Address: journeysAt},
	}
	for i := range p.Parts {
		p.Parts[i].Chosen = p.Parts[i].Name == part
	}
	return p
}

// connector is a visitor who looks after the team's connectors.
func (s *site) connector(r *http.Request) (visitor, error) {
	v, err := s.inTeam(r)
	if err != nil {
		return v, err
	}
	return v, v.may(team.ManageConnectors, thingOf(v.team, team.ManageConnectors), errTeamMissing)
}

// tell is mend for what is asked of another system: that it is away is told beside
// the form, too.
func tell(err error) (*problem.Problem, bool) {
	p, mendable := mend(err)
	return p, mendable || p.Kind == problem.KindAway
}

type connectionsPage struct {
	connectPage
	Connections []connection
	Systems     []connectors.System
}

// connection is a team's account in a system, for people.
type connection struct {
	connectors.Connection
	Title   string // of the system
	Address string
	News    string // where the system tells news; "" when it does not call
	Where   string // to enter that address
}

// Made tells whether there is such a connection yet.
func (c connection) Made() bool { return !c.CreatedAt.IsZero() }

func (s *site) connectionOf(c connectors.Connection) connection {
	shown := connection{Connection: c, Title: c.System, Address: "/dashboard/connectors/connections/" + c.ID}
	if system, err := s.Integration.System(c.System); err == nil {
		shown.Title = system.Title
	}
	if shown.Made() {
		shown.News, shown.Where = s.Integration.Address(c)
	}
	return shown
}

// connectionsPage lists the systems that the team is connected to.
func (s *site) connectionsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.connector(r)
	if err != nil {
		return err
	}
	view := connectionsPage{connectPage: s.connectPage(w, r, v, "Connections"), Systems: s.Integration.AllSystems()}
	all, err := s.Administration.Connections(r.Context(), v.team.ID)
	if err != nil {
		return err
	}
	for _, c := range all {
		view.Connections = append(view.Connections, s.connectionOf(c))
	}
	return s.views.show(w, http.StatusOK, "connections", view)
}

type connectionPage struct {
	connectPage
	One      connection // with an id even before it is made, so that sending the form twice makes one
	Address  string     // of the form
	Settings []setting
	Consent  bool // somebody may say yes in the system
}

// setting is a place of the form of a connection. What is secret is never in it.
type setting struct {
	connectors.Setting
	Place string // its name in the form
	Value string
	Kept  bool // there is a secret, which stays when nothing is typed
}

// settingsOf are the places of the form, filled with what may be shown.
func settingsOf(system connectors.System, c connectors.Connection) []setting {
	shown := system.Shown(c.Settings)
	var all []setting
	for _, one := range system.Asked() {
		all = append(all, setting{Setting: one, Place: "settings." + one.Name, Value: shown[one.Name], Kept: one.Secret && !c.CreatedAt.IsZero()})
	}
	return all
}

// Needed tells whether the place may not stay empty.
func (s setting) Needed() bool { return !s.Optional && !s.Kept }

// Most is how long a setting may be.
func (setting) Most() int { return connectors.MaxSetting }

var errNoSystem = problem.Missing("system_missing", "There is no connector for this system.")

func (s *site) newConnection(w http.ResponseWriter, r *http.Request) error {
	v, system, err := s.wantedSystem(r)
	if err != nil {
		return err
	}
	return s.showConnection(w, r, http.StatusOK, v, system, connectors.Connection{ID: id.New(id.Connection), System: system.Name, Name: system.Title}, nil)
}

func (s *site) wantedSystem(r *http.Request) (visitor, connectors.System, error) {
	v, err := s.connector(r)
	if err != nil {
		return v, connectors.System{}, err
	}
	system, err := s.Integration.System(r.PathValue("system"))
	if err != nil {
		return v, system, errNoSystem.Because(err)
	}
	return v, system, nil
}

func (s *site) showConnection(w http.ResponseWriter, r *http.Request, status int, v visitor, system connectors.System, c connectors.Connection, trouble *problem.Problem) error {
	view := connectionPage{connectPage: s.connectPage(w, r, v, "Connections"), One: s.connectionOf(c), Address: formOf(c), Settings: settingsOf(system, c), Consent: system.Consent != nil}
	if r.FormValue("done") == "consent" {
		view.Said = "The system lets the hub in, and the connection is saved."
	}
	if trouble != nil {
		view.Trouble, view.Wrong = trouble.Public, trouble.Field
	}
	return s.views.show(w, status, "connection", view)
}

// formOf is the path of a connection's form.
func formOf(c connectors.Connection) string {
	if c.CreatedAt.IsZero() {
		return "/dashboard/connectors/new/" + c.System
	}
	return "/dashboard/connectors/connections/" + c.ID
}

var errFormOld = problem.Invalid("form_invalid", "Please load the page again.")

// connect tries a new connection and keeps it when the system takes it.
func (s *site) connect(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, system, err := s.wantedSystem(r)
	if err != nil {
		return err
	}
	wished := connectors.Connection{ID: r.PostFormValue("id"), System: system.Name}
	if !id.Is(id.Connection, wished.ID) {
		wished.ID = id.New(id.Connection)
		return s.troubledConnection(w, r, v, system, wished, errFormOld)
	}
	return s.saveConnection(w, r, v, system, wished)
}

// wantedConnection opens the connection that the address names.
func (s *site) wantedConnection(r *http.Request) (visitor, connectors.System, connectors.Connection, error) {
	v, err := s.connector(r)
	if err != nil {
		return v, connectors.System{}, connectors.Connection{}, err
	}
	c, err := s.Administration.TeamConnection(r.Context(), v.team.ID, r.PathValue("connection"))
	if err != nil {
		return v, connectors.System{}, c, err
	}
	system, err := s.Integration.System(c.System)
	return v, system, c, err
}

func (s *site) connectionPage(w http.ResponseWriter, r *http.Request) error {
	v, system, c, err := s.wantedConnection(r)
	if err != nil {
		return err
	}
	return s.showConnection(w, r, http.StatusOK, v, system, c, nil)
}

// reconnect changes a connection, tried like a new one.
func (s *site) reconnect(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, system, c, err := s.wantedConnection(r)
	if err != nil {
		return err
	}
	return s.saveConnection(w, r, v, system, c)
}

func (s *site) saveConnection(w http.ResponseWriter, r *http.Request, v visitor, system connectors.System, before connectors.Connection) error {
	c := before
	c.Team, c.System, c.Name, c.Settings = v.team.ID, system.Name, word(r, "name"), map[string]string{}
	for _, one := range system.Asked() {
		if value := typed(r, one); value != "" {
			c.Settings[one.Name] = value
		}
	}
	if r.PostFormValue("do") == "consent" {
		return s.askConsent(w, r, v, system, c)
	}
	saved, err := s.Integration.SaveConnection(r.Context(), c)
	if err != nil {
		return s.troubledConnection(w, r, v, system, c, err)
	}
	s.noted(r, v, v.team.ID, "connection.saved", "connection", saved.ID)
	http.Redirect(w, r, s.said(w, "/dashboard/connectors", "The system has taken the credentials, and the connection is saved."), http.StatusSeeOther)
	return nil
}

// troubledConnection shows the form again, with what has to be mended.
func (s *site) troubledConnection(w http.ResponseWriter, r *http.Request, v visitor, system connectors.System, c connectors.Connection, err error) error {
	p, mendable := tell(err)
	if !mendable {
		return err
	}
	return s.showConnection(w, r, statuses[p.Kind], v, system, c, p)
}

// typed is what stands in the place of a setting, as it was typed where it is a
// secret of one line.
func typed(r *http.Request, one connectors.Setting) string {
	value := r.PostFormValue("settings." + one.Name)
	if one.Secret && !one.Lines {
		return value
	}
	return strings.TrimSpace(strings.ReplaceAll(value, "\r\n", "\n"))
}

// compareConnection has the records compared with their envelopes now.
func (s *site) compareConnection(w http.ResponseWriter, r *http.Request) error {
	_, _, c, err := s.wantedConnection(r)
	if err != nil {
		return err
	}
	if err := s.Integration.Compare(r.Context(), c.ID); err != nil {
		return err
	}
	http.Redirect(w, r, s.said(w, formOf(c), "The records are being compared. Load this page again to see what came of it."), http.StatusSeeOther)
	return nil
}

// disconnect removes a connection that no mapping has used.
func (s *site) disconnect(w http.ResponseWriter, r *http.Request) error {
	v, system, c, err := s.wantedConnection(r)
	if err != nil {
		return err
	}
	if err := s.Administration.DeleteConnection(r.Context(), v.team.ID, c.ID); err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showConnection(w, r, statuses[p.Kind], v, system, c, p)
	}
	s.noted(r, v, v.team.ID, "connection.deleted", "connection", c.ID)
	http.Redirect(w, r, s.said(w, "/dashboard/connectors", "The connection is removed, and its credentials with it."), http.StatusSeeOther)
	return nil
}

var errNoJourney = problem.Missing("journey_missing", "There is no such journey.")

// wantedJourney opens the journey that the address names.
func (s *site) wantedJourney(r *http.Request) (visitor, connectors.Journey, error) {
	v, err := s.connector(r)
	if err != nil {
		return v, connectors.Journey{}, err
	}
	wanted := r.PathValue("journey")
	if !id.Is(id.Journey, wanted) {
		return v, connectors.Journey{}, errNoJourney
	}
	j, err := s.Integration.TeamJourney(r.Context(), v.team.ID, wanted)
	return v, j, err
}
