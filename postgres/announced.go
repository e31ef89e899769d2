package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/activities"
)

// Announced notes that these changes of an envelope have been announced.
func (s *Store) Announced(ctx context.Context, envelopeID string, changes []string) error {
	_, err := s.pool.Exec(ctx, `
		update changes set announced = true
		 where envelope_id = @envelope and (@all or id = any(@changes)) and not announced`,
		pgx.StrictNamedArgs{"envelope": envelopeID, "changes": changes, "all": slices.Contains(changes, activities.Everything)})
	if err != nil {
		return fmt.Errorf("note that changes of envelope %s are announced: %w", envelopeID, err)
	}
	return nil
}

// maxStranded is how many envelopes are looked for at a time: more than can be
// under way in the moment of a power cut.
const maxStranded = 1000

// Stranded returns envelopes with changes made before that time of which nobody
// was told: the engine may not know of them.
func (s *Store) Stranded(ctx context.Context, before time.Time) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select envelope_id from changes
		 where not announced and at < @before
		 group by envelope_id order by min(at) limit @limit`,
		pgx.StrictNamedArgs{"before": before, "limit": maxStranded})
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for stranded envelopes: %w", err)
	}
	return ids, nil
}
