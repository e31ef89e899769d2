package postgres

import "github.com/jackc/pgx/v5/pgxpool"

// Pool lets tests write statements that forget to compare the team.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }
