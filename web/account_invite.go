package web

import (
	"net/http"

	"chancery/account"
	"chancery/envelope"
	"chancery/problem"
	"chancery/team"
)

type invitationsPage struct {
	form
	Invitations []invited
	Levels      any        // and their words
	Level       team.Level // chosen
	Sent        bool
}

type invited struct {
	account.Invitation
	Words string
}

// inviting opens the cookie of somebody who may say who is in their team.
func (s *site) inviting(r *http.Request) (visitor, error) {
	v, err := s.inTeam(r)
	if err != nil {
		return v, err
	}
	return v, v.may(team.ManageMembers, team.Thing{Organisation: v.team.Organisation, Team: v.team.ID}, errNowhere)
}

func (s *site) invitationsView(r *http.Request, v visitor) (*invitationsPage, error) {
	view := &invitationsPage{form: s.form("Invitations", r), Levels: team.Levels, Sent: r.FormValue("sent") != ""}
	view.page = v.page("Invitations")
	if view.Level = team.Level(r.PostFormValue("level")); !view.Level.Valid() {
		view.Level = team.TeamCreate
	}
	found, err := s.Records.Invitations(r.Context(), v.team.ID, s.Clock())
	for _, i := range found {
		view.Invitations = append(view.Invitations, invited{i, team.Level(i.Level).Words()})
	}
	return view, err
}

func (s *site) invitationsPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inviting(r)
	if err != nil {
		return err
	}
	view, err := s.invitationsView(r, v)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "invitations", view)
}

func (s *site) invite(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.inviting(r)
	if err != nil {
		return err
	}
	if err := s.invited(r, v); err != nil {
		view, readErr := s.invitationsView(r, v)
		if readErr != nil {
			return readErr
		}
		return s.again(w, "invitations", view, err)
	}
	return goOn(w, r, "/dashboard/invitations?sent=1")
}

func (s *site) invited(r *http.Request, v visitor) error {
	level := team.Level(r.PostFormValue("level"))
	if !level.Valid() {
		return problem.Invalid("level_unknown", "Please choose a level.").At("level")
	}
	o, err := s.Records.Organisation(r.Context(), v.team.Organisation)
	if err != nil {
		return err
	}
	by := v.user
	if by.ID == "" { // came by a link
		by.ID, by.Name = v.actor.ID, v.team.Sender.Name
	}
	_, err = s.Accounts.Invite(r.Context(), account.Invitation{
		Organisation: v.team.Organisation, OrganisationName: o.Name, Team: v.team.ID, TeamName: v.team.Name,
		Level: string(level), Email: r.PostFormValue("email"),
	}, level.Words(), by, s.from(r))
	return err
}

func (s *site) uninvite(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	v, err := s.inviting(r)
	if err != nil {
		return err
	}
	ev := envelope.Evidence{Kind: "member.uninvited", By: v.witness(), Origin: s.origin(r), Detail: map[string]string{"invitation": r.PostFormValue("invitation")}}
	if err := s.Records.Uninvite(r.Context(), v.team.ID, r.PostFormValue("invitation"), ev); err != nil {
		return err
	}
	return goOn(w, r, "/dashboard/invitations")
}

type acceptPage struct {
	form
	account.Invitation
	Words string
}

func (s *site) acceptView(r *http.Request) (*acceptPage, error) {
	i, err := s.Accounts.Invited(r.Context(), r.PathValue("token"), s.from(r))
	return &acceptPage{form: s.form("Join "+i.TeamName, r), Invitation: i, Words: team.Level(i.Level).Words()}, err
}

// acceptPage shows an invitation; whoever has no account yet makes one with it.
func (s *site) acceptPage(w http.ResponseWriter, r *http.Request) error {
	view, err := s.acceptView(r)
	if err != nil {
		return err
	}
	return s.views.show(w, http.StatusOK, "invitation", view)
}

func (s *site) accept(w http.ResponseWriter, r *http.Request) error {
	if err := posted(w, r); err != nil {
		return err
	}
	entered, err := s.Accounts.Accept(r.Context(), r.PathValue("token"), r.PostFormValue("name"), r.PostFormValue("password"), s.browser(r))
	if problem.Has(err, account.ErrLink.Code) {
		return err
	}
	if err != nil {
		view, readErr := s.acceptView(r)
		if readErr != nil {
			return readErr
		}
		return s.again(w, "invitation", view, err)
	}
	if entered.Token == "" {
		return goOn(w, r, "/dashboard")
	}
	s.remember(w, entered)
	return goOn(w, r, "/account?welcome=1")
}
