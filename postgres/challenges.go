package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/account"
)

// Ask keeps what a browser was asked until it answers.
func (s *Store) Ask(ctx context.Context, hash []byte, purpose string, question []byte, until time.Time) error {
	sealed, err := s.sealBytes(question, "challenges", "sealed", hex.EncodeToString(hash))
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `insert into challenges (hash, purpose, expires_at, sealed) values (@hash, @purpose, @until, @sealed)`,
		pgx.StrictNamedArgs{"hash": hash, "purpose": purpose, "until": until, "sealed": sealed})
	if err != nil {
		return fmt.Errorf("keep a challenge: %w", err)
	}
	return nil
}

// Asked returns what a browser was asked, once.
func (s *Store) Asked(ctx context.Context, hash []byte, purpose string, at time.Time) ([]byte, error) {
	var sealed []byte
	err := s.pool.QueryRow(ctx, `delete from challenges where hash = $1 and purpose = $2 and expires_at > $3 returning sealed`, hash, purpose, at).Scan(&sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, account.ErrPasskeyWrong
	}
	if err != nil {
		return nil, fmt.Errorf("take a challenge: %w", err)
	}
	return s.unsealBytes(sealed, "challenges", "sealed", hex.EncodeToString(hash))
}
