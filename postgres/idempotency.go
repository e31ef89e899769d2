package postgres

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/problem"
)

// StoredReply is what was answered to a request.
type StoredReply struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    []byte            `json:"body,omitempty"`
}

const (
	// claimLife is how long a claim without an answer keeps others away: well over the longest request.
	claimLife = time.Minute
	// replyLife is how long a reply is kept and replayed.
	replyLife = 24 * time.Hour
	// tidyAtOnce bounds what one claim throws away, so that no request pays for many.
	tidyAtOnce = 20
)

var (
	errKeyReused  = problem.Conflict("idempotency_key_reused", "This Idempotency-Key was used for another request.")
	errInProgress = problem.Conflict("idempotency_in_progress", "A request with this Idempotency-Key is still being worked on.")
)

// Claim takes an idempotency key for a request. Claimed means: do it, then Answer
// or Release. Otherwise the reply is the one that was given before. Neither the
// key nor the request is kept, only their fingerprints.
func (s *Store) Claim(ctx context.Context, teamID, key string, fingerprint []byte) (*StoredReply, bool, error) {
	row := s.replyRow(teamID, key)
	request := s.sealer.Fingerprint("idempotency request", fingerprint)
	args := pgx.StrictNamedArgs{
		"team": teamID, "key": row.key, "request": request,
		"claim": claimLife, "life": replyLife, "limit": tidyAtOnce,
	}
	tag, err := s.pool.Exec(ctx, claim, args)
	if err != nil {
		return nil, false, fmt.Errorf("claim idempotency key of team %s: %w", teamID, err)
	}
	if tag.RowsAffected() == 1 {
		return nil, true, nil
	}
	reply, err := s.given(ctx, row, request)
	return reply, false, err
}

// claim takes a key that is new, whose reply is too old, or whose request has
// stopped without an answer. Only the same request may go on with the last.
const claim = `
	with old as (
		select team_id, key from idempotency_keys
		 where claimed_at < now() - @life::interval and not (team_id = @team and key = @key)
		 order by claimed_at limit @limit for update skip locked
	), tidied as (
		delete from idempotency_keys k using old where k.team_id = old.team_id and k.key = old.key
	)
	insert into idempotency_keys as k (team_id, key, request, claimed_at)
	values (@team, @key, @request, now())
	on conflict (team_id, key) do update
	   set request = excluded.request, claimed_at = excluded.claimed_at, reply = null
	 where k.claimed_at < now() - @life::interval
	    or k.reply is null and k.request = excluded.request and k.claimed_at < now() - @claim::interval`

// given returns the reply that was stored, or why there is none for this request.
func (s *Store) given(ctx context.Context, row replyRow, request []byte) (*StoredReply, error) {
	rows, _ := s.pool.Query(ctx, `
		select request, reply from idempotency_keys where team_id = @team and key = @key`,
		pgx.StrictNamedArgs{"team": row.team, "key": row.key})
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[struct{ Request, Reply []byte }])
	switch {
	case err != nil:
		return nil, fmt.Errorf("read idempotency key of team %s: %w", row.team, err)
	case len(found) == 0: // released between our two looks
		return nil, errInProgress
	case !bytes.Equal(found[0].Request, request):
		return nil, errKeyReused
	case found[0].Reply == nil:
		return nil, errInProgress
	}
	var reply StoredReply
	err = s.unseal(&reply, found[0].Reply, "idempotency_keys", "reply", row.id())
	return &reply, err
}

// replyRow finds a key without keeping it: people put names and addresses into keys.
type replyRow struct {
	team string
	key  []byte
}

func (s *Store) replyRow(teamID, key string) replyRow {
	return replyRow{teamID, s.sealer.Fingerprint("idempotency key", []byte(teamID+"\x00"+key))}
}

func (r replyRow) id() string { return r.team + "/" + hex.EncodeToString(r.key) }

// Answer stores the reply to a claimed request. The first answer stands.
func (s *Store) Answer(ctx context.Context, teamID, key string, reply StoredReply) error {
	row := s.replyRow(teamID, key)
	sealed, err := s.seal(reply, "idempotency_keys", "reply", row.id())
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `
		update idempotency_keys set reply = @reply where team_id = @team and key = @key and reply is null`,
		pgx.StrictNamedArgs{"team": teamID, "key": row.key, "reply": sealed})
	if err != nil {
		return fmt.Errorf("store reply for team %s: %w", teamID, err)
	}
	return nil
}

// Release gives a claim back without an answer, so that the request may be sent again.
func (s *Store) Release(ctx context.Context, teamID, key string) error {
	_, err := s.pool.Exec(ctx, `
		delete from idempotency_keys where team_id = @team and key = @key and reply is null`,
		pgx.StrictNamedArgs{"team": teamID, "key": s.replyRow(teamID, key).key})
	if err != nil {
		return fmt.Errorf("release idempotency key of team %s: %w", teamID, err)
	}
	return nil
}
