package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"chancery/account"
	"chancery/postgres"
	"chancery/problem"
	"chancery/team"
)

func (s *site) operatorRoutes(handle func(string, handler)) {
	handle("GET /operator", s.applicationsPage)
	handle("GET /operator/applications/{application}", s.applicationPage)
	handle("POST /operator/applications/{application}", s.decide)
	handle("GET /operator/subscriptions", s.customersPage)
	handle("POST /operator/subscriptions/{organisation}/start", s.startSubscription)
	handle("POST /operator/subscriptions/{organisation}/stop", s.stopSubscription)
}

// operator is a visitor who runs the hub. To all others these pages do not exist.
func (s *site) operator(r *http.Request) (visitor, error) {
	v, err := s.visitor(r)
	if err != nil {
		return v, err
	}
	return v, v.may(team.Operate, team.Thing{}, errNowhere)
}

// hubPage begins a page about the hub.
func (s *site) hubPage(w http.ResponseWriter, r *http.Request, v visitor, part, trouble string) apiPage {
	p := apiPage{page: v.page(part).in("Hub")}
	p.Said, p.Trouble, p.Test = s.heard(w, r), trouble, false
	p.Parts = []choice{
		{"Applications", "/operator", part == "Applications"},
		{"Subscriptions", "/operator/subscriptions", part == "Subscriptions"},
	}
	return p
}

type applicationsPage struct {
	apiPage
	Applications []application
	Statuses     []choice
	Next         string
}

// application is a wish to use the API, for an operator.
type application struct {
	team.Application
	Applicant    account.User
	Organisation team.Organisation
	Address      string
	State        string
	Mark         string
}

var applicationWords = map[team.ApplicationStatus][2]string{
	team.Pending: {"Waits for you", "open"}, team.Approved: {"Approved", "done"}, team.Rejected: {"Rejected", "stopped"},
}

// applicationsPage lists who asks for access to the API.
func (s *site) applicationsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.operator(r)
	if err != nil {
		return err
	}
	asked := url.Values{"status": {r.FormValue("status")}}
	found, next, err := s.Administration.Applications(r.Context(), team.ApplicationStatus(asked.Get("status")), r.FormValue("after"))
	if err != nil {
		return err
	}
	view := applicationsPage{apiPage: s.hubPage(w, r, v, "Applications", "")}
	for _, status := range []team.ApplicationStatus{"", team.Pending, team.Approved, team.Rejected} {
		name := "All"
		if status != "" {
			name = applicationWords[status][0]
		}
		view.Statuses = append(view.Statuses, choiceOf(name, "/operator", asked, "status", string(status)))
	}
	for _, a := range found {
		view.Applications = append(view.Applications, applicationOf(a))
	}
	if next != "" {
		asked.Set("after", next)
		view.Next = "/operator?" + asked.Encode()
	}
	return s.views.show(w, http.StatusOK, "applications", view)
}

func applicationOf(a team.Application) application {
	words := applicationWords[a.Status]
	return application{Application: a, Address: "/operator/applications/" + a.ID, State: words[0], Mark: words[1]}
}

type applicationPage struct {
	apiPage
	One    application
	Reason string // as it was typed
}

// applicationPage shows one application, to be decided.
func (s *site) applicationPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.operator(r)
	if err != nil {
		return err
	}
	return s.showApplication(w, r, http.StatusOK, v, "", "")
}

func (s *site) showApplication(w http.ResponseWriter, r *http.Request, status int, v visitor, reason, trouble string) error {
	found, err := s.Administration.Application(r.Context(), r.PathValue("application"))
	if err != nil {
		return err
	}
	view := applicationPage{apiPage: s.hubPage(w, r, v, "Applications", trouble), One: applicationOf(found), Reason: reason}
	if view.One.Applicant, err = s.Administration.User(r.Context(), found.User); err != nil {
		return err
	}
	if view.One.Organisation, err = s.Administration.Organisation(r.Context(), found.Organisation); err != nil {
		return err
	}
	return s.views.show(w, status, "application", view)
}

// decide answers an application; the applicant is told by letter.
func (s *site) decide(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.operator(r)
	if err != nil {
		return err
	}
	status, reason := team.ApplicationStatus(r.PostFormValue("decision")), word(r, "reason")
	if _, err := s.Decide(r.Context(), r.PathValue("application"), status, reason); err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showApplication(w, r, statuses[p.Kind], v, reason, p.Public)
	}
	http.Redirect(w, r, s.said(w, "/operator", "The application is decided, and a letter tells the applicant."), http.StatusSeeOther)
	return nil
}

type customersPage struct {
	apiPage
	Customers []customer
	Today     string
}

// customer is an organisation for an operator.
type customer struct {
	postgres.Customer
	Active bool
}

// customersPage lists the organisations and what they have paid for.
func (s *site) customersPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.operator(r)
	if err != nil {
		return err
	}
	return s.showCustomers(w, r, http.StatusOK, v, "")
}

func (s *site) showCustomers(w http.ResponseWriter, r *http.Request, status int, v visitor, trouble string) error {
	all, err := s.Administration.Customers(r.Context())
	if err != nil {
		return err
	}
	view := customersPage{apiPage: s.hubPage(w, r, v, "Subscriptions", trouble), Today: s.Clock().UTC().Format(time.DateOnly)}
	for _, c := range all {
		view.Customers = append(view.Customers, customer{c, c.Subscription.Active(s.Clock())})
	}
	return s.views.show(w, status, "customers", view)
}

// startSubscription gives an organisation a plan, in place of the one it has.
func (s *site) startSubscription(w http.ResponseWriter, r *http.Request) error {
	return s.changesCustomer(w, r, "The subscription is on.", func() error {
		sub, err := s.wantedSubscription(r)
		if err != nil {
			return err
		}
		return s.Administration.Subscribe(r.Context(), sub)
	})
}

func (s *site) wantedSubscription(r *http.Request) (team.Subscription, error) {
	sub := team.Subscription{Organisation: r.PathValue("organisation"), Plan: word(r, "plan"), Since: s.Clock()}
	if typed := word(r, "documents"); typed != "" {
		most, err := strconv.Atoi(typed)
		if err != nil {
			return sub, problem.Invalid("plan_invalid", "A plan has a number of documents a month, or none for fair use.").At("documents")
		}
		sub.MonthlyDocuments = most
	}
	for name, at := range map[string]*time.Time{"since": &sub.Since, "until": &sub.Until} {
		typed := word(r, name)
		if typed == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, typed)
		if err != nil {
			return sub, problem.Invalid("plan_invalid", "A date is written like 2026-03-02.").At("%s", name)
		}
		*at = day
	}
	return sub, nil
}

// stopSubscription ends a subscription now.
func (s *site) stopSubscription(w http.ResponseWriter, r *http.Request) error {
	return s.changesCustomer(w, r, "The subscription has ended. What is under way goes on.", func() error {
		return s.Administration.Unsubscribe(r.Context(), r.PathValue("organisation"), s.Clock())
	})
}

func (s *site) changesCustomer(w http.ResponseWriter, r *http.Request, sentence string, do func() error) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.operator(r)
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showCustomers(w, r, statuses[p.Kind], v, p.Public)
	}
	http.Redirect(w, r, s.said(w, "/operator/subscriptions", sentence), http.StatusSeeOther)
	return nil
}
