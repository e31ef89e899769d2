package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/audit"
	"chancery/envelope"
	"chancery/id"
)

type entryRow struct {
	Chain      string
	N          int64
	At         time.Time
	Kind       string
	ActorKind  audit.ActorKind
	ActorID    string
	Detail     map[string]string
	Commitment []byte
	Prev       []byte
	Hash       []byte
	Sealed     []byte // null when the person has been erased
}

const selectEntries = `
	select a.chain, a.n, a.at, a.kind, a.actor_kind, a.actor_id, a.detail, a.commitment, a.prev, a.hash, p.sealed
	  from audit_events a left join audit_persons p on p.chain = a.chain and p.n = a.n`

// Trail returns the evidence of an envelope, a team or an organisation, in order.
func (s *Store) Trail(ctx context.Context, chain string) ([]audit.Entry, error) {
	rows, _ := s.pool.Query(ctx, selectEntries+` where a.chain = $1 order by a.n`, chain)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[entryRow])
	if err != nil {
		return nil, fmt.Errorf("read audit chain %s: %w", chain, err)
	}
	return each(found, s.entry)
}

func (s *Store) entry(r entryRow) (audit.Entry, error) {
	e := audit.Entry{Event: audit.Event{
		Chain: r.Chain, N: r.N, At: r.At, Kind: r.Kind,
		Actor: audit.Actor{Kind: r.ActorKind, ID: r.ActorID}, Detail: r.Detail,
	}}
	if len(r.Detail) == 0 {
		e.Detail = nil
	}
	copy(e.Commitment[:], r.Commitment)
	copy(e.Prev[:], r.Prev)
	copy(e.Hash[:], r.Hash)
	if r.Sealed == nil {
		return e, nil
	}
	var words auditWords
	err := s.unseal(&words, r.Sealed, "audit_persons", "sealed", auditID(r.Chain, r.N))
	e.Salt, e.Personal = words.Salt, &words.Personal
	return e, err
}

// Note adds a line of evidence to the chain of a team or an organisation, or to that
// of an envelope without changing the envelope. Notes of one chain wait for each other.
func (s *Store) Note(ctx context.Context, chain string, ev envelope.Evidence) error {
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return s.note(ctx, tx, chain, ev) })
}

// note adds the line within a transaction, with the change that it tells of.
func (s *Store) note(ctx context.Context, tx pgx.Tx, chain string, ev envelope.Evidence) error {
	o := ownerOf(chain)
	var n int64
	var last []byte
	err := tx.QueryRow(ctx, `select head_n, head_hash from `+o.table+` where id = $1 for no key update`, chain).Scan(&n, &last)
	if errors.Is(err, pgx.ErrNoRows) {
		return o.missing
	}
	if err != nil {
		return fmt.Errorf("read head of audit chain %s: %w", chain, err)
	}
	head := audit.Start(chain)
	if n > 0 {
		head = audit.Hash(last)
	}
	rows, head, err := s.chain(head, n, chain, now(), []envelope.Evidence{ev})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with swapped as (
			update `+o.table+` set head_n = head_n + 1, head_hash = @head where id = @chain returning `+o.team+` as team_id
		),`+storeEvidence+`
		select from swapped`, pgx.StrictNamedArgs{"chain": chain, "head": head[:], "evidence": rows})
	if err != nil {
		return fmt.Errorf("note %s in audit chain %s: %w", ev.Kind, chain, err)
	}
	return nil
}

// chainOwner is where the end of a chain is kept. The lines of an organisation have
// its id in place of a team's: they are nobody's who is in a team only.
type chainOwner struct {
	table, team string
	missing     error
}

func ownerOf(chain string) chainOwner {
	switch {
	case strings.HasPrefix(chain, id.Team+"_"):
		return chainOwner{"teams", "id", errTeamMissing}
	case strings.HasPrefix(chain, id.Organisation+"_"):
		return chainOwner{"organisations", "id", errOrganisationMissing}
	}
	return chainOwner{"envelopes", "team_id", errEnvelopeMissing}
}
