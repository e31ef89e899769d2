package web

import (
	"net/http"
	"net/url"
	"time"

	"chancery/envelope"
	"chancery/postgres"
)

type activityPage struct {
	page
	Days   []day
	Scopes []choice
	Next   string
}

// day is what happened on one, the newest first.
type day struct {
	At     time.Time
	Events []happening
}

type happening struct {
	postgres.Happening
	Words   string
	Of      string // name of the team, when it is one below
	Address string
}

var eventWords = map[envelope.EventType]string{
	envelope.EventSent: "sent", envelope.EventCompleted: "completed", envelope.EventDeclined: "ended: declined",
	envelope.EventVoided: "voided", envelope.EventExpired: "expired", envelope.EventReleased: "somebody was asked",
	envelope.EventViewed: "somebody looked at it", envelope.EventSigned: "somebody signed", envelope.EventApproved: "somebody approved",
	envelope.EventHasDeclined: "somebody declined", envelope.EventDelegated: "somebody handed over",
	envelope.EventExcused: "somebody is not needed any more", envelope.EventReminded: "somebody was reminded",
	envelope.EventCorrected: "an address was corrected", envelope.EventBounced: "a letter came back",
	envelope.EventDownloadable: "the documents can be downloaded",
}

// activity is one feed of what happens in the team and, if asked for, in all below it.
func (s *site) activity(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inTeam(r)
	if err != nil {
		return err
	}
	asked := url.Values{"of": {r.FormValue("of")}}
	view := activityPage{page: v.page("Activity").in("Activity"), Scopes: v.scopes("/dashboard/activity", asked)}
	teams, owner := v.scope(asked.Get("of") == withChildren)
	names, err := s.names(r.Context(), v)
	if err != nil {
		return err
	}
	found, next, err := s.Administration.Activity(r.Context(), teams, owner, r.FormValue("after"))
	if err != nil {
		return err
	}
	for _, h := range found {
		shown := happening{Happening: h, Words: eventWords[h.Type], Address: "/dashboard/envelopes/" + h.Envelope}
		if h.Team != v.team.ID {
			shown.Of = names[h.Team]
		}
		view.add(shown)
	}
	if next != "" {
		asked.Set("after", next)
		view.Next = "/dashboard/activity?" + asked.Encode()
	}
	return s.views.show(w, http.StatusOK, "activity", view)
}

func (p *activityPage) add(h happening) {
	on := h.At.UTC().Truncate(24 * time.Hour)
	if n := len(p.Days); n == 0 || !p.Days[n-1].At.Equal(on) {
		p.Days = append(p.Days, day{At: on})
	}
	last := &p.Days[len(p.Days)-1]
	last.Events = append(last.Events, h)
}
