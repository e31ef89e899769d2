package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
)

// compose puts what the sender said into the draft, in place of what it said before.
func (a *api) compose(ctx context.Context, draft envelope.Envelope, said Content) (envelope.Envelope, error) {
	draft.Title, draft.Message = strings.TrimSpace(said.Title), said.Message
	draft.Quorums = quorumsOf(said.Quorums)
	var err error
	if draft.Tags, err = envelope.ReadTags(said.Tags); err != nil {
		return draft, err
	}
	if draft.Documents, err = a.documents(ctx, said.Documents); err != nil {
		return draft, err
	}
	if draft.Pace, err = paceOf(said.Reminders); err != nil {
		return draft, err
	}
	if draft.Lifetime, err = lifetimeOf(said.ExpiresAfter); err != nil {
		return draft, err
	}
	draft.Recipients, draft.Fields = nil, nil
	refs := map[string]string{}
	for i, person := range said.Recipients {
		next := recipientOf(person)
		if _, taken := refs[person.Ref]; taken {
			return draft, problem.Invalid("ref_twice", "Two recipients have the same ref.").At("recipients[%d].ref", i)
		}
		if person.Ref != "" {
			refs[person.Ref] = next.ID
		}
		draft.Recipients = append(draft.Recipients, next)
	}
	for i, place := range said.Fields {
		field, err := fieldOf(draft, place, refs, i)
		if err != nil {
			return draft, err
		}
		draft.Fields = append(draft.Fields, field)
	}
	return draft, draft.Check()
}

// documents finds the uploads an envelope is made of.
func (a *api) documents(ctx context.Context, ids []string) ([]envelope.Document, error) {
	if len(ids) > envelope.MaxDocuments {
		return nil, problem.TooLarge("too_many_documents", "An envelope has at most 10 documents.").At("documents")
	}
	var found []envelope.Document
	for i, wanted := range ids {
		for _, other := range found {
			if other.ID == wanted {
				return nil, problem.Invalid("document_twice", "A document is listed twice.").At("documents[%d]", i)
			}
		}
		doc, err := a.document(ctx, wanted, []string{callerOf(ctx).Team.ID})
		if problem.Of(err).Kind == problem.KindMissing {
			return nil, problem.Invalid("document_unknown", "The envelope names a document that is not there.").At("documents[%d]", i)
		}
		if err != nil {
			return nil, fmt.Errorf("find document %d of an envelope: %w", i, err)
		}
		found = append(found, doc)
	}
	return found, nil
}

func recipientOf(said Addressee) envelope.Recipient {
	next := envelope.Recipient{
		ID:     id.New(id.Recipient),
		Person: envelope.Person{Name: strings.TrimSpace(said.Name), Email: said.Email},
		Role:   envelope.Role(said.Role), Step: said.Step, Zone: said.Zone,
		Status: envelope.Waiting, LinkVersion: 1,
	}
	if next.Role == "" {
		next.Role = envelope.Signer
	}
	if next.Step == 0 {
		next.Step = 1
	}
	next.Place = next.ID
	return next
}

func fieldOf(draft envelope.Envelope, said Place, refs map[string]string, i int) (envelope.Field, error) {
	field := envelope.Field{
		ID: id.New(id.Field), Document: said.Document, Kind: envelope.FieldKind(said.Kind), Page: said.Page,
		X: said.X, Y: said.Y, Width: said.Width, Height: said.Height,
		Label: said.Label, Value: said.Value, Optional: said.Optional,
		Recipient: pointed(draft, said.Recipient, refs),
	}
	if field.Document != "" {
		return field, nil
	}
	if len(draft.Documents) != 1 {
		return field, problem.Invalid("field_document_missing",
			"A field must say on which document it is, unless there is exactly one.").At("fields[%d].document", i)
	}
	field.Document = draft.Documents[0].ID
	return field, nil
}

// pointed returns the id of the recipient meant, or one that nobody has; the
// envelope's own check then says so.
func pointed(draft envelope.Envelope, p Pointer, refs map[string]string) string {
	if p.Name == "" {
		if p.Position < 1 || p.Position > len(draft.Recipients) {
			return ""
		}
		return draft.Recipients[p.Position-1].ID
	}
	if known, ok := refs[p.Name]; ok {
		return known
	}
	return p.Name
}

func quorumsOf(said []Quorum) []envelope.Quorum {
	var quorums []envelope.Quorum
	for _, q := range said {
		quorums = append(quorums, envelope.Quorum(q))
	}
	return quorums
}

// defaultReminders in all, when the sender says how often but not how many.
const defaultReminders = 3

func paceOf(said *Reminders) (envelope.Pace, error) {
	if said == nil {
		return envelope.Pace{}, nil
	}
	first, err := durationOf(said.FirstAfter, "reminders.first_after")
	if err != nil {
		return envelope.Pace{}, err
	}
	pace := envelope.Pace{First: first, Most: said.AtMost, BusinessDays: said.BusinessDays}
	if said.Every != "" {
		if pace.Every, err = durationOf(said.Every, "reminders.every"); err != nil {
			return envelope.Pace{}, err
		}
	}
	if pace.Most == 0 {
		pace.Most = defaultReminders
	}
	return pace, nil
}

func lifetimeOf(said string) (time.Duration, error) {
	if said == "" {
		return envelope.DefaultLifetime, nil
	}
	return durationOf(said, "expires_after")
}

func durationOf(said, member string) (time.Duration, error) {
	d, err := time.ParseDuration(said)
	if err != nil {
		return 0, problem.Invalid("duration_invalid", "A duration is written in hours, minutes and seconds, such as 72h or 1h30m.").At("%s", member)
	}
	return d, nil
}
