package postgres

import (
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"chancery/audit"
	"chancery/envelope"
)

// auditRow is a line of evidence as it travels inside JSON: its columns are those
// of audit_events and of audit_persons together.
type auditRow struct {
	Chain      string            `json:"chain"`
	N          int64             `json:"n"`
	At         time.Time         `json:"at"`
	Kind       string            `json:"kind"`
	ActorKind  audit.ActorKind   `json:"actor_kind"`
	ActorID    string            `json:"actor_id"`
	Detail     map[string]string `json:"detail"`
	Commitment bytea             `json:"commitment"`
	Prev       bytea             `json:"prev"`
	Hash       bytea             `json:"hash"`
	Sealed     bytea             `json:"sealed"`
}

// auditWords is the sealed part of a line of evidence. The salt is erased with
// the person: whoever has it could test guesses against the commitment.
type auditWords struct {
	Salt     audit.Salt     `json:"salt"`
	Personal audit.Personal `json:"personal"`
}

// storeEvidence is the part of a statement that adds the lines in @evidence to
// the chain of the envelope or team that the part named swapped returns.
const storeEvidence = `
	evidence_stored as (
		insert into audit_events (chain, n, team_id, at, kind, actor_kind, actor_id, detail, commitment, prev, hash)
		select a.chain, a.n, s.team_id, a.at, a.kind, a.actor_kind, a.actor_id, a.detail, a.commitment, a.prev, a.hash
		  from swapped s, json_populate_recordset(null::audit_events, @evidence) a
	), persons_stored as (
		insert into audit_persons (chain, n, team_id, sealed)
		select a.chain, a.n, s.team_id, a.sealed
		  from swapped s, json_populate_recordset(null::audit_persons, @evidence) a
	)`

// plainDetails are the details whose values are ids, numbers and statuses. All
// others may tell about a person and are sealed.
var plainDetails = [...]string{"act", "recipient", "count", "status", "document", "revision", "key", "endpoint", "user", "invitation", "level"}

// chain appends evidence to a chain of which head is entry n.
func (s *Store) chain(head audit.Hash, n int64, chain string, at time.Time, evidence []envelope.Evidence) ([]auditRow, audit.Hash, error) {
	rows := make([]auditRow, len(evidence))
	for i, ev := range evidence {
		entry, err := audit.Append(head, auditEvent(chain, n+int64(i)+1, at, ev), rand.Reader)
		if err != nil {
			return nil, head, err
		}
		if rows[i], err = s.auditRow(entry); err != nil {
			return nil, head, err
		}
		head = entry.Hash
	}
	return rows, head, nil
}

func auditEvent(chain string, n int64, at time.Time, ev envelope.Evidence) audit.Event {
	event := audit.Event{
		Chain: chain, N: n, At: at, Kind: ev.Kind,
		Actor:    audit.Actor{Kind: audit.ActorKind(ev.By.Kind), ID: ev.By.ID},
		Detail:   map[string]string{},
		Personal: &audit.Personal{Name: ev.By.Person.Name, Email: ev.By.Person.Email, Address: ev.Origin.Address, Device: ev.Origin.Device, Detail: map[string]string{}},
	}
	for key, value := range ev.Detail {
		if slices.Contains(plainDetails[:], key) {
			event.Detail[key] = value
		} else {
			event.Personal.Detail[key] = value
		}
	}
	return event
}

func (s *Store) auditRow(e audit.Entry) (auditRow, error) {
	sealed, err := s.seal(auditWords{e.Salt, *e.Personal}, "audit_persons", "sealed", auditID(e.Chain, e.N))
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return auditRow{
		Chain: e.Chain, N: e.N, At: e.At, Kind: e.Kind, ActorKind: e.Actor.Kind, ActorID: e.Actor.ID, Detail: detail,
		Commitment: e.Commitment[:], Prev: e.Prev[:], Hash: e.Hash[:], Sealed: sealed,
	}, err
}

func auditID(chain string, n int64) string { return chain + "/" + strconv.FormatInt(n, 10) }
