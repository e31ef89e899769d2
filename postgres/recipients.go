package postgres

import (
	"slices"
	"time"

	"chancery/envelope"
)

// recipientRow is a recipient as it travels between us and the database, inside
// JSON in both directions, so that an envelope is read with its recipients, and
// stored with them, in one statement.
type recipientRow struct {
	ID            string                   `json:"id"`
	Position      int                      `json:"position"`
	Role          envelope.Role            `json:"role"`
	Step          int                      `json:"step"`
	Status        envelope.RecipientStatus `json:"status"`
	Place         string                   `json:"place,omitempty"`
	DelegatedFrom string                   `json:"delegated_from,omitempty"`
	LinkVersion   int                      `json:"link_version"`
	Reminded      int                      `json:"reminded"`
	AskedAt       time.Time                `json:"asked_at,omitzero"`
	ViewedAt      time.Time                `json:"viewed_at,omitzero"`
	ActedAt       time.Time                `json:"acted_at,omitzero"`
	BouncedAt     time.Time                `json:"bounced_at,omitzero"`
	Sealed        bytea                    `json:"sealed"`
}

// recipientWords is the sealed part of a recipient.
type recipientWords struct {
	Person    envelope.Person `json:"person"`
	Zone      string          `json:"zone,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Reminders []time.Time     `json:"reminders,omitempty"`

	BounceReason string `json:"bounce_reason,omitempty"`
	Complained   bool   `json:"complained,omitempty"`
}

// storeRecipients is the part of a statement that stores the recipients in
// @recipients of the envelope that the part named swapped returns. A recipient
// stays in the envelope they are in.
const storeRecipients = `
	recipients_stored as (
		insert into recipients as old (id, envelope_id, team_id, position, role, step, status, place, delegated_from,
		       link_version, reminded, asked_at, viewed_at, acted_at, bounced_at, sealed)
		select r.id, s.id, s.team_id, r.position, r.role, r.step, r.status, r.place, r.delegated_from,
		       r.link_version, r.reminded, r.asked_at, r.viewed_at, r.acted_at, r.bounced_at, r.sealed
		  from swapped s, json_populate_recordset(null::recipients, @recipients) r
		on conflict (id) do update
		   set position = excluded.position, role = excluded.role, step = excluded.step, status = excluded.status,
		       place = excluded.place, delegated_from = excluded.delegated_from, link_version = excluded.link_version,
		       reminded = excluded.reminded, asked_at = excluded.asked_at, viewed_at = excluded.viewed_at,
		       acted_at = excluded.acted_at, bounced_at = excluded.bounced_at, sealed = excluded.sealed
		 where old.envelope_id = excluded.envelope_id
	)`

// recipientRows seals the recipients that differ; nil for touched means all. A
// delegate comes with the one who delegated.
func (s *Store) recipientRows(all []envelope.Recipient, touched []string) ([]recipientRow, error) {
	rows := []recipientRow{}
	for position, r := range all {
		if touched != nil && !slices.Contains(touched, r.ID) && !slices.Contains(touched, r.DelegatedFrom) {
			continue
		}
		row, err := s.recipientRow(position, r)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (s *Store) recipientRow(position int, r envelope.Recipient) (recipientRow, error) {
	words := recipientWords{r.Person, r.Zone, r.Reason, r.Reminders, r.BounceReason, r.Complained}
	sealed, err := s.seal(words, "recipients", "sealed", r.ID)
	return recipientRow{
		ID: r.ID, Position: position, Role: r.Role, Step: r.Step, Status: r.Status,
		Place: r.Place, DelegatedFrom: r.DelegatedFrom, LinkVersion: r.LinkVersion, Reminded: r.Reminded,
		AskedAt: r.AskedAt, ViewedAt: r.ViewedAt, ActedAt: r.ActedAt, BouncedAt: r.BouncedAt, Sealed: sealed,
	}, err
}

func (s *Store) recipient(row recipientRow) (envelope.Recipient, error) {
	var words recipientWords
	err := s.unseal(&words, row.Sealed, "recipients", "sealed", row.ID)
	return envelope.Recipient{
		ID: row.ID, Person: words.Person, Role: row.Role, Step: row.Step, Zone: words.Zone,
		Status: row.Status, Reason: words.Reason, Place: row.Place, DelegatedFrom: row.DelegatedFrom,
		LinkVersion: row.LinkVersion, Reminders: words.Reminders, Reminded: row.Reminded,
		AskedAt: row.AskedAt.UTC(), ViewedAt: row.ViewedAt.UTC(), ActedAt: row.ActedAt.UTC(),
		BouncedAt: row.BouncedAt.UTC(), BounceReason: words.BounceReason, Complained: words.Complained,
	}, err
}
