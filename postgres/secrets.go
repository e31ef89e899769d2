package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Secret returns the hub's secret of that name. The first process that asks makes
// it; when several make one at once, all get the one that was stored first.
func (s *Store) Secret(ctx context.Context, name string, create func() ([]byte, error)) ([]byte, error) {
	secret, err := s.secret(ctx, name)
	if !errors.Is(err, pgx.ErrNoRows) {
		return secret, err
	}
	fresh, err := create()
	if err != nil {
		return nil, fmt.Errorf("make secret %s: %w", name, err)
	}
	sealed, err := s.sealBytes(fresh, "secrets", "sealed", name)
	if err != nil {
		return nil, err
	}
	_, err = s.pool.Exec(ctx, `
		insert into secrets (name, sealed) values (@name, @sealed)
		on conflict (name) do nothing`, pgx.StrictNamedArgs{"name": name, "sealed": sealed})
	if err != nil {
		return nil, fmt.Errorf("store secret %s: %w", name, err)
	}
	return s.secret(ctx, name)
}

// AmendSecret lets one process at a time change a secret that is there.
func (s *Store) AmendSecret(ctx context.Context, name string, amend func([]byte) ([]byte, error)) ([]byte, error) {
	var amended []byte
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var sealed []byte
		err := tx.QueryRow(ctx, `select sealed from secrets where name = $1 for update`, name).Scan(&sealed)
		if err != nil {
			return err
		}
		old, err := s.unsealBytes(sealed, "secrets", "sealed", name)
		if err != nil {
			return err
		}
		if amended, err = amend(old); err != nil || bytes.Equal(old, amended) {
			return err
		}
		if sealed, err = s.sealBytes(amended, "secrets", "sealed", name); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update secrets set sealed = @sealed where name = @name`, pgx.StrictNamedArgs{"name": name, "sealed": sealed})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("amend secret %s: %w", name, err)
	}
	return amended, nil
}

func (s *Store) secret(ctx context.Context, name string) ([]byte, error) {
	var sealed []byte
	err := s.pool.QueryRow(ctx, `select sealed from secrets where name = $1`, name).Scan(&sealed)
	if err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	return s.unsealBytes(sealed, "secrets", "sealed", name)
}
