package web

import (
	"net/http"
	"strconv"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

func (s *site) describe(r *http.Request, v visitor, of team.Team) error {
	sender := envelope.Person{Name: word(r, "sender_name"), Email: word(r, "sender_email")}
	if err := s.Administration.DescribeTeam(r.Context(), of.ID, word(r, "name"), sender); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.described")
	return nil
}

func (s *site) setPreset(r *http.Request, v visitor, of team.Team) error {
	if err := r.ParseForm(); err != nil {
		return problem.Invalid("form_invalid", "The form cannot be read.").Because(err)
	}
	var emails []string
	for _, email := range r.PostForm["preset"] {
		if email != "" {
			emails = append(emails, email)
		}
	}
	if err := s.Administration.SetPreset(r.Context(), of.ID, emails); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.preset_changed", "count", strconv.Itoa(len(emails)))
	return nil
}

// setKind asks for the kind that was shown, so that a form from before changes nothing.
func (s *site) setKind(r *http.Request, v visitor, of team.Team) error {
	kind := team.Kind(r.PostFormValue("kind"))
	if !kind.Valid() {
		return problem.Invalid("team_invalid", "A team is a sandbox or a production team.").At("kind")
	}
	if err := s.Administration.SetKind(r.Context(), of.ID, kind, s.Clock()); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.kind_changed", "kind", string(kind))
	return nil
}

func (s *site) moveTeam(r *http.Request, v visitor, of team.Team) error {
	if err := s.Administration.MoveTeam(r.Context(), of.ID, r.PostFormValue("parent")); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.moved", "parent", r.PostFormValue("parent"))
	return nil
}

func (s *site) setMember(r *http.Request, v visitor, of team.Team) error {
	changed := team.Member{Team: of.ID, User: r.PostFormValue("user"), Level: team.Level(r.PostFormValue("level"))}
	if err := s.Administration.SetMember(r.Context(), changed); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.member_changed", "user", changed.User, "level", string(changed.Level))
	return nil
}

func (s *site) removeMember(r *http.Request, v visitor, of team.Team) error {
	gone := r.PostFormValue("user")
	if err := s.Administration.RemoveMember(r.Context(), of.ID, gone); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.member_removed", "user", gone)
	return nil
}

// inviteTo writes to somebody on behalf of the team.
func (s *site) inviteTo(r *http.Request, v visitor, of team.Team) error {
	v.team = of
	return s.invited(r, v)
}

// advance puts the clock of a sandbox forward. A branch of its own tells all envelopes
// under way; doing the same here lets the page show it, and is done once all the same.
func (s *site) advance(r *http.Request, v visitor, of team.Team) error {
	hours, err := strconv.Atoi(r.PostFormValue("hours"))
	wish := r.PostFormValue("id")
	if err != nil || hours < 1 || hours > int(team.MaxAhead/time.Hour) || !id.Is(id.Advance, wish) {
		return team.ErrClockAdvance
	}
	by := time.Duration(hours) * time.Hour
	if _, err := (team.Team{Kind: of.Kind}).Advance(by); err != nil { // how far ahead it is may be this very wish's doing
		return err
	}
	if err := s.Desk.Advance(r.Context(), of.ID, wish, by); err != nil {
		return err
	}
	if _, err := s.Administration.AdvanceClock(r.Context(), of.ID, wish, by); err != nil {
		return err
	}
	s.noted(r, v, of.ID, "team.clock_advanced", "count", strconv.Itoa(hours))
	return nil
}
