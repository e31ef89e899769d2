package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
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

// Trail returns the evidence of an envelope or a team, in order.
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

// Note adds a line of evidence to the chain of a team, or to that of an envelope
// without changing the envelope. Notes of one chain wait for each other.
func (s *Store) Note(ctx context.Context, chain string, ev envelope.Evidence) error {
	table, teamColumn := "envelopes", "team_id"
	if strings.HasPrefix(chain, id.Team+"_") {
		table, teamColumn = "teams", "id"
	}
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var n int64
		var last []byte
		err := tx.QueryRow(ctx, `select head_n, head_hash from `+table+` where id = $1 for no key update`, chain).Scan(&n, &last)
		if errors.Is(err, pgx.ErrNoRows) {
			return errChainMissing(table)
		}
		if err != nil {
			return err
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
				update `+table+` set head_n = head_n + 1, head_hash = @head where id = @chain returning `+teamColumn+` as team_id
			),`+storeEvidence+`
			select from swapped`, pgx.StrictNamedArgs{"chain": chain, "head": head[:], "evidence": rows})
		return err
	})
	if err != nil {
		return fmt.Errorf("note %s in audit chain %s: %w", ev.Kind, chain, err)
	}
	return nil
}

func errChainMissing(table string) error {
	if table == "teams" {
		return errTeamMissing
	}
	return errEnvelopeMissing
}

// VerifyChains walks all audit chains and yields the id of each with what is
// wrong with it, nil when it is intact and ends where its envelope or team says
// it ends. The second is also what went wrong with the reading, which ends the walk.
func (s *Store) VerifyChains(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for last := ""; ; {
			heads, err := s.heads(ctx, last)
			if err != nil {
				yield(last, err)
				return
			}
			for _, h := range heads {
				if !yield(h.Chain, s.verify(ctx, h)) {
					return
				}
				last = h.Chain
			}
			if len(heads) < MaxPage {
				return
			}
		}
	}
}

type head struct {
	Chain string
	N     *int64 // nil for a chain whose envelope was a draft and is deleted
	Hash  []byte
}

// heads returns the next chains: those that should be there and those that are.
func (s *Store) heads(ctx context.Context, after string) ([]head, error) {
	rows, _ := s.pool.Query(ctx, `
		with chains as (
			(select id as chain from envelopes where id > @after order by id limit @limit)
			union (select id from teams where id > @after and head_n > 0 order by id limit @limit)
			union (select distinct chain from audit_events where chain > @after order by chain limit @limit)
			order by chain limit @limit
		)
		select c.chain, coalesce(e.head_n, t.head_n) as n, coalesce(e.head_hash, t.head_hash) as hash
		  from chains c left join envelopes e on e.id = c.chain left join teams t on t.id = c.chain
		 order by c.chain`, pgx.StrictNamedArgs{"after": after, "limit": MaxPage})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[head])
	if err != nil {
		return nil, fmt.Errorf("list audit chains after %q: %w", after, err)
	}
	return found, nil
}

// verify may see entries that are younger than the head it was given, so it looks
// at the entry which that head names.
func (s *Store) verify(ctx context.Context, h head) error {
	entries, err := s.Trail(ctx, h.Chain)
	if err != nil {
		return err
	}
	if err := audit.NewTrail(h.Chain, entries).Verify(); err != nil {
		return err
	}
	if h.N == nil {
		return nil
	}
	if int64(len(entries)) < *h.N {
		return &audit.Break{Chain: h.Chain, N: int64(len(entries)) + 1, Why: "the chain ends here and not at its head"}
	}
	if *h.N > 0 && entries[*h.N-1].Hash != audit.Hash(h.Hash) {
		return &audit.Break{Chain: h.Chain, N: *h.N, Why: "it is not the head that was kept"}
	}
	return nil
}
