package web

import (
	"net/http"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

// maxForm is the largest form of the dashboard, in bytes.
const maxForm = 64 << 10

type envelopePage struct {
	page
	row
	Why       string
	Upcoming  []upcoming
	Timeline  []moments
	Downloads []download
	Trail     string // address of the audit trail's PDF
	Void      string // id of the wish, made here so that sending it twice is one wish
	Resend    string
	Running   bool // and theirs to void
	Overseen  bool // of a team below: nothing in it is changed from above
	Tasks     []task
}

// task is an address that the visitor should correct.
type task struct {
	envelope.Recipient
	Since   time.Time
	Correct string // id of the wish
	Resend  string
}

// tasksOf are the recipients whom letters do not reach.
func tasksOf(e envelope.Envelope) []task {
	var all []task
	for _, r := range e.Recipients {
		if r.Unreached() {
			all = append(all, task{Recipient: r, Since: r.BouncedAt.UTC(), Correct: id.New(id.Act), Resend: id.New(id.Act)})
		}
	}
	return all
}

var errEnvelopeMissing = problem.Missing("envelope_missing", "There is no such envelope.")

// visited opens the cookie and the envelope, if the visitor may do that with it.
func (s *site) visited(r *http.Request, verb team.Verb) (visitor, envelope.Envelope, error) {
	v, err := s.visitor(r)
	if err != nil {
		return v, envelope.Envelope{}, err
	}
	e, err := s.Records.EnvelopeAmong(r.Context(), v.within(), r.PathValue("envelope"))
	if err != nil {
		return v, e, err
	}
	return v, e, v.may(verb, v.thing(e), errEnvelopeMissing)
}

// thing is the envelope for the judge.
func (v visitor) thing(e envelope.Envelope) team.Thing {
	return team.Thing{Organisation: v.team.Organisation, Team: e.Team, Owner: e.Owner}
}

// envelopePage shows one envelope: where it stands, why it waits, what happened.
func (s *site) envelopePage(w http.ResponseWriter, r *http.Request) error {
	v, e, err := s.visited(r, team.ReadEnvelopes)
	if err != nil {
		return err
	}
	trail, err := s.Records.Trail(r.Context(), e.ID)
	if err != nil {
		return err
	}
	outlook := e.Outlook()
	mine := team.May(v.actor, team.SendEnvelopes, v.thing(e)) == team.Granted
	view := envelopePage{
		page: v.page(e.Title).in("Envelopes"), row: rowOf(e), Why: outlook.Why, Upcoming: upcomingOf(e, outlook), Timeline: timeline(e, trail),
		Void: id.New(id.Act), Resend: id.New(id.Act), Running: e.Status == envelope.Sent && mine,
		Overseen: e.Team != v.team.ID,
	}
	view.page.Test = e.Test
	if view.Overseen {
		names, err := s.names(r.Context(), v)
		if err != nil {
			return err
		}
		view.Of = names[e.Team]
	}
	for _, d := range e.Documents {
		view.Downloads = append(view.Downloads, download{Name: d.Name, Address: view.Address + "/d/" + d.ID, Mended: mended(d)})
	}
	if view.Running {
		view.Tasks = tasksOf(e)
	}
	if e.Status == envelope.Completed {
		view.Trail = view.Address + "/audit.pdf"
	}
	return s.views.show(w, http.StatusOK, "envelope", view)
}

// mended says why an upload is not kept as it came.
func mended(d envelope.Document) []string {
	if d.Report == nil || d.Report.SHA256 == d.SHA256 {
		return nil
	}
	var sentences []string
	for _, r := range d.Report.Reasons {
		sentences = append(sentences, r.Sentence)
	}
	return sentences
}

func (s *site) teamDownload(w http.ResponseWriter, r *http.Request) error {
	_, e, err := s.visited(r, team.ReadEnvelopes)
	if err != nil {
		return err
	}
	document, ok := e.Document(r.PathValue("document"))
	if !ok {
		return problem.Missing("document_missing", "There is no such document.")
	}
	return s.handOut(w, r, e, document)
}

func (s *site) teamEvidence(w http.ResponseWriter, r *http.Request) error {
	_, e, err := s.visited(r, team.ReadEnvelopes)
	if err != nil {
		return err
	}
	return s.handOutTrail(w, r, e)
}

// void ends an envelope by the team's wish.
func (s *site) void(w http.ResponseWriter, r *http.Request) error {
	return s.wish(w, r, func(v visitor, e envelope.Envelope, wish string) error {
		reason := strings.TrimSpace(r.PostFormValue("reason"))
		asked := envelope.Void{ID: wish, By: v.witness(), Reason: reason, Origin: s.origin(r)}
		if e.Status == envelope.Draft {
			return problem.Conflict("envelope_not_sent", "This envelope has not been sent.")
		}
		// The desk answers for one that has ended: this very wish may have ended it.
		if _, err := e.Void(asked, e.Clock(s.Clock())); err != nil && !e.Status.Final() {
			return err
		}
		return s.Desk.Void(r.Context(), e.ID, asked)
	})
}

// resend writes again to everybody who is asked now, or to one of them.
func (s *site) resend(w http.ResponseWriter, r *http.Request) error {
	return s.wish(w, r, func(v visitor, e envelope.Envelope, wish string) error {
		return s.Desk.Resend(r.Context(), e.ID, envelope.Resending{
			ID: wish, By: v.witness(), Recipient: r.PostFormValue("recipient"), Origin: s.origin(r),
		})
	})
}

// correct changes whom a recipient's letters go to; a sandbox writes only to its
// preset addresses.
func (s *site) correct(w http.ResponseWriter, r *http.Request) error {
	return s.wish(w, r, func(v visitor, e envelope.Envelope, wish string) error {
		asked := envelope.Correction{
			ID: wish, By: v.witness(), Recipient: r.PostFormValue("recipient"), Origin: s.origin(r),
			Person: envelope.Person{Name: strings.TrimSpace(r.PostFormValue("name")), Email: strings.TrimSpace(r.PostFormValue("email"))},
		}
		if err := v.team.MaySendTo(asked.Person.Email); err != nil {
			return err
		}
		return s.Desk.Correct(r.Context(), e.ID, asked)
	})
}

func (s *site) wish(w http.ResponseWriter, r *http.Request, do func(visitor, envelope.Envelope, string) error) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, e, err := s.visited(r, team.SendEnvelopes)
	if err != nil {
		return err
	}
	wish := r.PostFormValue("id")
	if !id.Is(id.Act, wish) {
		return problem.Invalid("act_id_invalid", "Please load the page again.").At("id")
	}
	if err := do(v, e, wish); err != nil {
		return err
	}
	http.Redirect(w, r, "/dashboard/envelopes/"+e.ID, http.StatusSeeOther)
	return nil
}
