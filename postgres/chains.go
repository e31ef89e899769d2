package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"chancery/audit"
)

// VerifyChains walks all audit chains and yields the id of each with what is
// wrong with it, nil when it is intact and ends where its envelope, team or
// organisation says it ends. The second is also what went wrong with the reading, which ends the walk.
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
			union (select id from organisations where id > @after and head_n > 0 order by id limit @limit)
			union (select distinct chain from audit_events where chain > @after order by chain limit @limit)
			order by chain limit @limit
		)
		select c.chain, coalesce(e.head_n, t.head_n, o.head_n) as n, coalesce(e.head_hash, t.head_hash, o.head_hash) as hash
		  from chains c left join envelopes e on e.id = c.chain left join teams t on t.id = c.chain left join organisations o on o.id = c.chain
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
