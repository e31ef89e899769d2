package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/webhooks"
)

// Secret is a key of an endpoint. Value is as webhooks.Secret reveals it; a zero
// Until means that it is live until another takes its place.
type Secret struct {
	Value string    `json:"value"`
	Until time.Time `json:"until,omitzero"`
}

// RotateSecret makes secret the endpoint's newest. The one it had stays live
// beside it until oldUntil; older ones end.
func (s *Store) RotateSecret(ctx context.Context, teamID, id, secret string, oldUntil time.Time) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var sealed []byte
		args := pgx.StrictNamedArgs{"id": id, "team": teamID}
		err := tx.QueryRow(ctx, `select sealed from endpoints where id = @id and team_id = @team for update`, args).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return errEndpointMissing
		}
		if err != nil {
			return err
		}
		if sealed, err = s.rotated(id, sealed, secret, oldUntil); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update endpoints set sealed = @sealed where id = @id`, pgx.StrictNamedArgs{"id": id, "sealed": sealed})
		return err
	})
	if err != nil {
		return fmt.Errorf("rotate secret of endpoint %s: %w", id, err)
	}
	return nil
}

// rotated leaves an endpoint alone that has this secret already: the call is a repeat.
func (s *Store) rotated(id string, sealed []byte, secret string, oldUntil time.Time) ([]byte, error) {
	var words endpointWords
	if err := s.unseal(&words, sealed, "endpoints", "sealed", id); err != nil {
		return nil, err
	}
	if len(words.Secrets) > 0 && words.Secrets[0].Value == secret {
		return sealed, nil
	}
	next := []Secret{{Value: secret}}
	if len(words.Secrets) > 0 {
		next = append(next, Secret{Value: words.Secrets[0].Value, Until: oldUntil})
	}
	words.Secrets = next
	return s.seal(words, "endpoints", "sealed", id)
}

// LiveSecrets returns the secrets that sign at that time, the newest first.
func (e Endpoint) LiveSecrets(at time.Time) ([]webhooks.Secret, error) {
	live, err := endpointWords{Secrets: e.Secrets}.live(at)
	if err != nil {
		return nil, fmt.Errorf("read secrets of endpoint %s: %w", e.ID, err)
	}
	return live, nil
}

// live returns the secrets that sign at that time, the newest first.
func (w endpointWords) live(at time.Time) ([]webhooks.Secret, error) {
	var live []webhooks.Secret
	for _, secret := range w.Secrets {
		if !secret.Until.IsZero() && !at.Before(secret.Until) {
			continue
		}
		parsed, err := webhooks.ParseSecret(secret.Value)
		if err != nil {
			return nil, err
		}
		live = append(live, parsed)
	}
	return live, nil
}
