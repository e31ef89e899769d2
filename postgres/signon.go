package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"chancery/account"
)

// Provider returns where the people of an organisation sign in.
func (s *Store) Provider(ctx context.Context, organisation string) (account.Provider, error) {
	p := account.Provider{Organisation: organisation}
	var sealed []byte
	err := s.pool.QueryRow(ctx, `select changed_at, sealed from identity_providers where organisation_id = $1`, organisation).Scan(&p.ChangedAt, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, account.ErrNoProvider
	}
	if err != nil {
		return p, fmt.Errorf("read identity provider of %s: %w", organisation, err)
	}
	return p, s.unseal(&p, sealed, "identity_providers", "sealed", organisation)
}

// SetProvider keeps where they sign in. Another issuer knows nobody yet.
func (s *Store) SetProvider(ctx context.Context, p account.Provider, by account.User, d account.Deed) error {
	sealed, err := s.seal(p, "identity_providers", "sealed", p.Organisation)
	if err != nil {
		return err
	}
	ctx = unguarded(ctx) // the evidence is the organisation's
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into identity_providers (organisation_id, changed_at, sealed) values (@organisation, @at, @sealed)
			on conflict (organisation_id) do update set changed_at = excluded.changed_at, sealed = excluded.sealed`,
			pgx.StrictNamedArgs{"organisation": p.Organisation, "at": p.ChangedAt, "sealed": sealed})
		if err != nil {
			return fmt.Errorf("keep identity provider of %s: %w", p.Organisation, err)
		}
		return s.noteDeed(ctx, tx, by, d)
	})
}

// RemoveProvider takes it away, and with it who is who there.
func (s *Store) RemoveProvider(ctx context.Context, organisation string, by account.User, d account.Deed) error {
	ctx = unguarded(ctx)
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		for _, table := range []string{"identities", "identity_providers"} {
			if _, err := tx.Exec(ctx, `delete from `+table+` where organisation_id = $1`, organisation); err != nil {
				return fmt.Errorf("remove identity provider of %s: %w", organisation, err)
			}
		}
		return s.noteDeed(ctx, tx, by, d)
	})
}

func (s *Store) subjectPrint(issuer, subject string) []byte {
	return s.sealer.Fingerprint("identity", []byte(issuer+"\x00"+subject))
}

// Identity returns whose that subject is at the organisation's provider.
func (s *Store) Identity(ctx context.Context, organisation, issuer, subject string) (userID string, err error) {
	err = s.pool.QueryRow(ctx, `select user_id from identities where organisation_id = $1 and subject = $2`,
		organisation, s.subjectPrint(issuer, subject)).Scan(&userID)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", account.ErrNotConnected
	}
	if err != nil {
		return "", fmt.Errorf("find identity: %w", err)
	}
	return userID, nil
}

// Connected tells whether the user is known at their organisation's provider.
func (s *Store) Connected(ctx context.Context, userID string) (connected bool, err error) {
	err = s.pool.QueryRow(ctx, `select exists (select from identities where user_id = $1)`, userID).Scan(&connected)
	if err != nil {
		return false, fmt.Errorf("look for identity of user %s: %w", userID, err)
	}
	return connected, nil
}

// connect keeps who the user is at the provider, or that they are nobody there.
func (s *Store) connect(ctx context.Context, tx pgx.Tx, of account.Account) error {
	if of.Disconnects || of.Connects != nil {
		if _, err := tx.Exec(ctx, `delete from identities where user_id = $1`, of.User.ID); err != nil {
			return fmt.Errorf("disconnect user %s: %w", of.User.ID, err)
		}
	}
	if of.Connects == nil {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into identities (organisation_id, subject, user_id, since) values (@organisation, @subject, @user, now())`,
		pgx.StrictNamedArgs{"organisation": of.User.Organisation, "subject": s.subjectPrint(of.Connects.Issuer, of.Connects.Subject), "user": of.User.ID})
	if violates(err, "identities_pkey") {
		return account.ErrIdentityTaken
	}
	if err != nil {
		return fmt.Errorf("connect user %s: %w", of.User.ID, err)
	}
	return nil
}
