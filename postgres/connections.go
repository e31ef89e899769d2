package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"

	"chancery/connectors"
)

// MaxConnections that a team may have.
const MaxConnections = 20

type connectionWords struct {
	Name     string            `json:"name"`
	Settings map[string]string `json:"settings"`
	As       string            `json:"as,omitempty"`
}

type connectionRow struct {
	ID         string
	TeamID     string
	System     string
	CreatedAt  time.Time
	TestedAt   zeronull.Timestamptz
	Sealed     []byte
	Trouble    []byte
	ComparedAt zeronull.Timestamptz
	Compared   *connectors.Comparison
}

const connectionColumns = `c.id, c.team_id, c.system, c.created_at, c.tested_at, c.sealed, c.trouble, c.compared_at, c.compared`

func (s *Store) connection(r connectionRow) (connectors.Connection, error) {
	var words connectionWords
	c := connectors.Connection{ID: r.ID, Team: r.TeamID, System: r.System, CreatedAt: r.CreatedAt, TestedAt: time.Time(r.TestedAt)}
	if err := s.unseal(&words, r.Sealed, "connections", "sealed", r.ID); err != nil {
		return c, err
	}
	c.Name, c.Settings, c.As = words.Name, words.Settings, words.As
	if r.Compared != nil {
		c.Compared = *r.Compared
		c.Compared.At = time.Time(r.ComparedAt)
	}
	c.Keep = func(ctx context.Context, learnt map[string]string) error { return s.learn(ctx, c.ID, learnt) }
	if r.Trouble == nil {
		return c, nil
	}
	return c, s.unseal(&c.Trouble, r.Trouble, "connections", "trouble", r.ID)
}

// SaveConnection stores a connection, or what has changed of it.
func (s *Store) SaveConnection(ctx context.Context, c connectors.Connection) error {
	sealed, err := s.seal(connectionWords{c.Name, c.Settings, c.As}, "connections", "sealed", c.ID)
	if err != nil {
		return err
	}
	tag, err := s.pool.Exec(ctx, `
		insert into connections (id, team_id, system, created_at, tested_at, sealed)
		select @id, @team, @system, @created, @tested, @sealed
		 where (select count(*) from connections where team_id = @team and id <> @id) < @most
		    on conflict (id) do update set tested_at = excluded.tested_at, sealed = excluded.sealed, trouble = null
		       where connections.team_id = excluded.team_id`,
		pgx.StrictNamedArgs{"id": c.ID, "team": c.Team, "system": c.System, "created": c.CreatedAt,
			"tested": zeronull.Timestamptz(c.TestedAt), "sealed": sealed, "most": MaxConnections})
	if err != nil {
		return fmt.Errorf("store connection %s: %w", c.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return errTooManyConnections
	}
	return nil
}

// learn keeps settings that the system itself has told or renewed. The connection
// was not tried by that, and one that is removed meanwhile learns nothing.
func (s *Store) learn(ctx context.Context, id string, learnt map[string]string) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var sealed []byte
		err := tx.QueryRow(ctx, `select sealed from connections where id = $1 for update`, id).Scan(&sealed)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		var words connectionWords
		if err := s.unseal(&words, sealed, "connections", "sealed", id); err != nil {
			return err
		}
		before := maps.Clone(words.Settings)
		maps.Copy(words.Settings, learnt)
		if maps.Equal(before, words.Settings) {
			return nil
		}
		if sealed, err = s.seal(words, "connections", "sealed", id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update connections set sealed = @sealed where id = @id`, pgx.StrictNamedArgs{"id": id, "sealed": sealed})
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what connection %s has learnt: %w", id, err)
	}
	return nil
}

// Connection returns a connection, whose it may be.
func (s *Store) Connection(ctx context.Context, id string) (connectors.Connection, error) {
	rows, _ := s.pool.Query(ctx, `select `+connectionColumns+` from connections c where c.id = $1`, id)
	return s.oneConnection(rows, id)
}

// TeamConnection returns a team's connection.
func (s *Store) TeamConnection(ctx context.Context, teamID, id string) (connectors.Connection, error) {
	rows, _ := s.pool.Query(ctx, `select `+connectionColumns+` from connections c where c.id = @id and c.team_id = @team`,
		pgx.StrictNamedArgs{"id": id, "team": teamID})
	return s.oneConnection(rows, id)
}

// ConnectionByLink returns a connection, for the system that has its address.
func (s *Store) ConnectionByLink(ctx context.Context, id string) (connectors.Connection, error) {
	c, err := s.Connection(unguarded(ctx), id)
	if err == nil {
		admit(ctx, c.Team)
	}
	return c, err
}

func (s *Store) oneConnection(rows pgx.Rows, id string) (connectors.Connection, error) {
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[connectionRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return connectors.Connection{}, errConnectionMissing
	}
	if err != nil {
		return connectors.Connection{}, fmt.Errorf("read connection %s: %w", id, err)
	}
	return s.connection(row)
}

// Connections returns a team's connections, the oldest first.
func (s *Store) Connections(ctx context.Context, teamID string) ([]connectors.Connection, error) {
	rows, _ := s.pool.Query(ctx, `select `+connectionColumns+` from connections c where c.team_id = $1 order by c.created_at, c.id`, teamID)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[connectionRow])
	if err != nil {
		return nil, fmt.Errorf("list connections of team %s: %w", teamID, err)
	}
	return each(found, s.connection)
}

// Watched returns the connections whose records start an enabled mapping by
// themselves, with the types of those records.
func (s *Store) Watched(ctx context.Context) (map[string][]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select connection_id, array_agg(distinct record_type order by record_type) as types
		  from mappings where enabled group by connection_id order by connection_id`)
	type watched struct {
		ConnectionID string
		Types        []string
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[watched])
	if err != nil {
		return nil, fmt.Errorf("list connections to watch: %w", err)
	}
	all := map[string][]string{}
	for _, w := range found {
		all[w.ConnectionID] = w.Types
	}
	return all, nil
}

// WatchedTypes returns the types of a connection's records that start an enabled
// mapping by themselves.
func (s *Store) WatchedTypes(ctx context.Context, connectionID string) ([]string, error) {
	rows, _ := s.pool.Query(ctx, `
		select distinct record_type from mappings where enabled and connection_id = $1 order by record_type`, connectionID)
	types, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("list types to watch of connection %s: %w", connectionID, err)
	}
	return types, nil
}

// DeleteConnection removes a connection that no mapping uses.
func (s *Store) DeleteConnection(ctx context.Context, teamID, id string) error {
	tag, err := s.pool.Exec(ctx, `delete from connections where id = @id and team_id = @team`, pgx.StrictNamedArgs{"id": id, "team": teamID})
	switch {
	case violates(err, "mappings_connection_fkey") || violates(err, "journeys_connection_fkey"):
		return errConnectionUsed
	case err != nil:
		return fmt.Errorf("delete connection %s: %w", id, err)
	case tag.RowsAffected() == 0:
		return errConnectionMissing
	}
	return nil
}

// SetTrouble keeps what is wrong with a connection; "" is nothing.
func (s *Store) SetTrouble(ctx context.Context, id, words string) (err error) {
	var sealed []byte
	if words != "" {
		if sealed, err = s.seal(words, "connections", "trouble", id); err != nil {
			return err
		}
	}
	if _, err := s.pool.Exec(ctx, `update connections set trouble = @trouble where id = @id`, pgx.StrictNamedArgs{"id": id, "trouble": sealed}); err != nil {
		return fmt.Errorf("note the trouble of connection %s: %w", id, err)
	}
	return nil
}

// Cursor returns how far the hub has heard what the system tells; "" is nothing yet.
func (s *Store) Cursor(ctx context.Context, connectionID string) (cursor string, err error) {
	err = s.pool.QueryRow(ctx, `select cursor from connection_cursors where connection_id = $1`, connectionID).Scan(&cursor)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read cursor of connection %s: %w", connectionID, err)
	}
	return cursor, nil
}

// SetCursor keeps it.
func (s *Store) SetCursor(ctx context.Context, connectionID, cursor string) error {
	_, err := s.pool.Exec(ctx, `
		insert into connection_cursors (connection_id, team_id, cursor, at)
		select id, team_id, @cursor, now() from connections where id = @id
		    on conflict (connection_id) do update set cursor = excluded.cursor, at = excluded.at`,
		pgx.StrictNamedArgs{"id": connectionID, "cursor": cursor})
	if err != nil {
		return fmt.Errorf("keep cursor of connection %s: %w", connectionID, err)
	}
	return nil
}

// newsKept is for how long we know what a system has told before.
const newsKept = 7 * 24 * time.Hour

func (s *Store) newsPrint(newsID string) []byte { return s.sealer.Fingerprint("news", []byte(newsID)) }

// Heard tells whether this news of a connection has been heard before.
func (s *Store) Heard(ctx context.Context, connectionID, newsID string) (heard bool, err error) {
	err = s.pool.QueryRow(ctx, `select exists (select from news where connection_id = @connection and fingerprint = @print)`,
		pgx.StrictNamedArgs{"connection": connectionID, "print": s.newsPrint(newsID)}).Scan(&heard)
	if err != nil {
		return false, fmt.Errorf("look for news of connection %s: %w", connectionID, err)
	}
	return heard, nil
}

// Hear remembers news of a connection, and forgets what is older than newsKept.
func (s *Store) Hear(ctx context.Context, connectionID, newsID string) error {
	_, err := s.pool.Exec(ctx, `
		with old as (
			delete from news where (connection_id, fingerprint) in (
				select connection_id, fingerprint from news where at < now() - @kept::interval order by at limit 100 for update skip locked)
		)
		insert into news (connection_id, fingerprint, team_id, at)
		select id, @print, team_id, now() from connections where id = @connection
		    on conflict do nothing`,
		pgx.StrictNamedArgs{"connection": connectionID, "print": s.newsPrint(newsID), "kept": newsKept})
	if err != nil {
		return fmt.Errorf("hear news of connection %s: %w", connectionID, err)
	}
	return nil
}
