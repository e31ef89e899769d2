package postgres

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/pki"
)

type revocationRow struct {
	Issuer string
	Serial string
	At     time.Time
	Reason int
}

// Revocations returns all that the hub's authorities have revoked, oldest first.
func (s *Store) Revocations(ctx context.Context) ([]pki.Revocation, error) {
	rows, _ := s.pool.Query(ctx, `select issuer, serial, at, reason from revocations order by at, serial`)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[revocationRow])
	if err != nil {
		return nil, fmt.Errorf("list revocations: %w", err)
	}
	return each(found, func(r revocationRow) (pki.Revocation, error) {
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return pki.Revocation{}, fmt.Errorf("read revocation: %q is no serial number", r.Serial)
		}
		return pki.Revocation{Issuer: r.Issuer, Serial: serial, At: r.At, Reason: pki.Reason(r.Reason)}, nil
	})
}

// Revoke keeps a revocation. The first one of a certificate stands.
func (s *Store) Revoke(ctx context.Context, r pki.Revocation) error {
	_, err := s.pool.Exec(ctx, `
		insert into revocations (issuer, serial, at, reason) values (@issuer, @serial, @at, @reason)
		on conflict (issuer, serial) do nothing`,
		pgx.StrictNamedArgs{"issuer": r.Issuer, "serial": r.Serial.Text(16), "at": r.At, "reason": int(r.Reason)})
	if err != nil {
		return fmt.Errorf("store revocation of %s: %w", r.Serial.Text(16), err)
	}
	return nil
}

// NextCRL returns a number larger than any before for that CA, and at least the
// seconds since 1970.
func (s *Store) NextCRL(ctx context.Context, issuer string, now time.Time) (*big.Int, error) {
	var number int64
	err := s.pool.QueryRow(ctx, `
		insert into revocation_lists (issuer, number) values (@issuer, @now)
		on conflict (issuer) do update set number = greatest(revocation_lists.number + 1, excluded.number)
		returning number`, pgx.StrictNamedArgs{"issuer": issuer, "now": now.Unix()}).Scan(&number)
	if err != nil {
		return nil, fmt.Errorf("number list of %s: %w", issuer, err)
	}
	return big.NewInt(number), nil
}
