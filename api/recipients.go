package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

var (
	errNoRecipient  = problem.Missing("recipient_missing", "There is no such recipient.")
	errNotSent      = problem.Conflict("envelope_not_sent", "This envelope has not been sent.")
	errLinkLifetime = problem.Invalid("link_lifetime_out_of_range", "A signing link lives between a minute and an hour.").At("expires_after")
)

// MaySendTo tells whether envelopes of that team may go to the address; a sandbox
// writes only to its preset ones. The signing page asks it about delegates.
func MaySendTo(ctx context.Context, teams Teams, teamID, email string) error {
	t, err := teams.Team(ctx, teamID)
	if err != nil {
		return fmt.Errorf("find team %s: %w", teamID, err)
	}
	return mayWrite(t, email, "email")
}

// mayWrite says of which member it speaks.
func mayWrite(t team.Team, email, member string) error {
	err := t.MaySendTo(email)
	if err == nil {
		return nil
	}
	return problem.Of(err).At("%s", member)
}

// RecipientPath names a recipient of an envelope.
type RecipientPath struct {
	ID        string `path:"id" example:"env_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Recipient string `path:"rid" example:"rcp_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

func (a *api) recipientRoutes() {
	const all, one = "/v1/envelopes/{id}/recipients", "/v1/envelopes/{id}/recipients/{rid}"
	serve(a, route{Method: http.MethodPost, Path: all, ID: "add-recipient", Tag: "Recipients", Verb: team.SendEnvelopes,
		Summary: "Add a recipient to a draft", Status: http.StatusCreated}, a.addRecipient)
	serve(a, route{Method: http.MethodPatch, Path: one, ID: "change-recipient", Tag: "Recipients", Verb: team.SendEnvelopes,
		Summary: "Change a recipient", Doc: "In a draft anything; after sending only name and email, whereupon older links stop working. Whoever is asked is written to anew, also if letters came back before."}, a.changeRecipient)
	serve(a, route{Method: http.MethodDelete, Path: one, ID: "remove-recipient", Tag: "Recipients", Verb: team.SendEnvelopes,
		Summary: "Take a recipient out of a draft", Doc: "Their fields go with them."}, a.removeRecipient)
	serve(a, route{Method: http.MethodPost, Path: one + "/signing-link", ID: "create-signing-link", Tag: "Recipients", Verb: team.SendEnvelopes,
		Summary: "Make a short-lived link to the signing page",
		Doc:     "For signing inside your own program: whoever opens it acts as the recipient. The audit trail notes that it was made."}, a.signingLink)
}

type addRecipientInput struct {
	EnvelopePath
	Body Addressee
}

func (a *api) addRecipient(ctx context.Context, in *addRecipientInput) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		e.Recipients = append(e.Recipients, recipientOf(in.Body))
		return nil
	})
}

type changeRecipientInput struct {
	RecipientPath
	Body RecipientChange
}

func (a *api) changeRecipient(ctx context.Context, in *changeRecipientInput) (*envelopeReply, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if e.Status != envelope.Draft {
		return a.correct(ctx, e, in)
	}
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		i := positionOf(*e, in.Recipient)
		if i < 0 {
			return errNoRecipient
		}
		r := &e.Recipients[i]
		r.Person = corrected(r.Person, in.Body)
		set((*string)(&r.Role), in.Body.Role)
		set(&r.Step, in.Body.Step)
		set(&r.Zone, in.Body.Zone)
		return nil
	})
}

func positionOf(e envelope.Envelope, recipient string) int {
	return slices.IndexFunc(e.Recipients, func(r envelope.Recipient) bool { return r.ID == recipient })
}

func corrected(p envelope.Person, said RecipientChange) envelope.Person {
	set(&p.Name, said.Name)
	set(&p.Email, said.Email)
	p.Name = strings.TrimSpace(p.Name)
	return p
}

// correct changes whom a sent envelope's letters go to.
func (a *api) correct(ctx context.Context, e envelope.Envelope, in *changeRecipientInput) (*envelopeReply, error) {
	if in.Body.Role != nil || in.Body.Step != nil || in.Body.Zone != nil {
		return nil, errNoDraft
	}
	r, ok := e.Recipient(in.Recipient)
	if !ok {
		return nil, errNoRecipient
	}
	who := callerOf(ctx)
	wish := envelope.Correction{ID: newID(ctx, id.Act), By: who.Witness(), Recipient: r.ID,
		Person: corrected(r.Person, in.Body), Origin: who.Origin}
	if _, err := e.Correct(wish, e.Clock(a.Now())); err != nil {
		return nil, err
	}
	if err := mayWrite(who.Team, wish.Person.Email, "email"); err != nil {
		return nil, err
	}
	if err := a.Desk.Correct(ctx, e.ID, wish); err != nil {
		return nil, fmt.Errorf("correct recipient %s of envelope %s: %w", r.ID, e.ID, err)
	}
	return a.getEnvelope(ctx, &EnvelopePath{e.ID})
}

func (a *api) removeRecipient(ctx context.Context, in *RecipientPath) (*envelopeReply, error) {
	return a.edit(ctx, in.ID, func(e *envelope.Envelope) error {
		i := positionOf(*e, in.Recipient)
		if i < 0 {
			return errNoRecipient
		}
		e.Recipients = slices.Delete(e.Recipients, i, i+1)
		e.Fields = slices.DeleteFunc(e.Fields, func(f envelope.Field) bool { return f.Recipient == in.Recipient })
		return nil
	})
}

// Lifetimes of a signing link: long enough to open the page and read, too short
// to be worth stealing.
const (
	minLink = time.Minute
	maxLink = time.Hour
)

type linkInput struct {
	RecipientPath
	Body *LinkUse
}

// LinkUse says how a signing link is used.
type LinkUse struct {
	ExpiresAfter string `json:"expires_after,omitempty" example:"15m" doc:"At most 1h, which it is unless said."`
	Origin       string `json:"origin,omitempty" example:"https://crm.example.com" doc:"Lets pages of this origin show the signing page in a frame. Without it nobody may."`
}

// framer is an origin (RFC 6454 §6.2) that may stand in a Content-Security-Policy:
// https, or http on this machine for trying out.
var framer = regexp.MustCompile(`^(https://[a-z0-9]([a-z0-9.-]{0,150}[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?$`)

var errOrigin = problem.Invalid("origin_invalid", "An origin is written like https://crm.example.com, in small letters and without a path.").At("origin")

// SigningLink opens the signing page for one recipient.
type SigningLink struct {
	URL       string    `json:"url" doc:"Whoever has it acts as the recipient: keep it out of logs."`
	ExpiresAt time.Time `json:"expires_at"`
}

type linkReply struct{ Body SigningLink }

func (a *api) signingLink(ctx context.Context, in *linkInput) (*linkReply, error) {
	e, err := a.find(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	r, ok := e.Recipient(in.Recipient)
	if !ok {
		return nil, errNoRecipient
	}
	if e.Status == envelope.Draft {
		return nil, errNotSent
	}
	lifetime := maxLink
	var use LinkUse
	if in.Body != nil {
		use = *in.Body
	}
	if use.ExpiresAfter != "" {
		if lifetime, err = durationOf(use.ExpiresAfter, "expires_after"); err != nil {
			return nil, err
		}
	}
	if use.Origin != "" && !framer.MatchString(use.Origin) {
		return nil, errOrigin
	}
	if lifetime < minLink || lifetime > maxLink {
		return nil, errLinkLifetime
	}
	if err := a.noteLink(ctx, e, r); err != nil {
		return nil, err
	}
	return &linkReply{SigningLink{URL: a.Links.SigningURL(e, r, lifetime, use.Origin), ExpiresAt: utc(a.Now().Add(lifetime))}}, nil
}

// NotedLink is in the audit trail when a program was given a recipient's link:
// what is done through it has passed through the sender's hands.
const NotedLink = "recipient.link_given"

// noteLink comes before the link is made: there is none that the trail does not know.
func (a *api) noteLink(ctx context.Context, e envelope.Envelope, r envelope.Recipient) error {
	who := callerOf(ctx)
	noted := envelope.Evidence{Kind: NotedLink, By: who.Witness(), Origin: who.Origin, Detail: map[string]string{"recipient": r.ID}}
	if err := a.Records.Note(ctx, e.ID, noted); err != nil {
		return fmt.Errorf("note link of recipient %s: %w", r.ID, err)
	}
	return nil
}
