package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/id"
)

// MaxMappings that a team may have.
const MaxMappings = 200

type mappingRow struct {
	ID           string
	TeamID       string
	ConnectionID string
	Version      int
	Enabled      bool
	Author       string
	CreatedAt    time.Time
	ChangedAt    time.Time
	Sealed       []byte
}

const selectMappings = `
	select m.id, m.team_id, m.connection_id, v.version, m.enabled, v.author, m.created_at, v.at as changed_at, v.sealed
	  from mappings m join mapping_versions v on v.mapping_id = m.id`

func versionID(mappingID string, version int) string { return fmt.Sprintf("%s/%d", mappingID, version) }

func (s *Store) keptMapping(r mappingRow) (mapping.Kept, error) {
	m := mapping.Kept{ID: r.ID, Team: r.TeamID, Connection: r.ConnectionID, Version: r.Version, Enabled: r.Enabled,
		Author: r.Author, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt}
	return m, s.unseal(&m.Mapping, r.Sealed, "mapping_versions", "sealed", versionID(r.ID, r.Version))
}

// SaveMapping stores a new mapping (of version 0), or the next version of one.
// Version is the one that its author has seen; somebody else's newer one is not
// written over.
func (s *Store) SaveMapping(ctx context.Context, m mapping.Kept) (mapping.Kept, error) {
	if m.ID == "" {
		m.ID, m.Version = id.New(id.Mapping), 0
	}
	sealed, err := s.seal(m.Mapping, "mapping_versions", "sealed", versionID(m.ID, m.Version+1))
	if err != nil {
		return m, err
	}
	args := pgx.StrictNamedArgs{"id": m.ID, "team": m.Team, "connection": m.Connection, "type": m.Mapping.Record, "version": m.Version,
		"enabled": m.Enabled, "author": m.Author, "sealed": sealed, "most": MaxMappings}
	tag, err := s.pool.Exec(ctx, `
		with saved as (
			insert into mappings (id, team_id, connection_id, record_type, version, enabled, created_at, changed_at)
			select @id, c.team_id, c.id, @type, 1, @enabled, now(), now()
			  from connections c
			 where c.id = @connection and c.team_id = @team and @version = 0
			   and (select count(*) from mappings where team_id = @team) < @most
			    on conflict (id) do nothing
			returning id, team_id, version
		), raised as (
			update mappings
			   set version = version + 1, record_type = @type, enabled = @enabled, changed_at = now()
			 where id = @id and team_id = @team and connection_id = @connection and version = @version and @version > 0
			returning id, team_id, version
		)
		insert into mapping_versions (mapping_id, version, team_id, author, at, sealed)
		select id, version, team_id, @author, now(), @sealed from (select * from saved union all select * from raised) m`, args)
	if err != nil {
		return m, fmt.Errorf("store mapping %s: %w", m.ID, err)
	}
	if tag.RowsAffected() == 0 {
		return m, s.whyNotSaved(ctx, m)
	}
	return s.TeamMapping(ctx, m.Team, m.ID)
}

func (s *Store) whyNotSaved(ctx context.Context, m mapping.Kept) error {
	if _, err := s.TeamMapping(ctx, m.Team, m.ID); err == nil {
		return errMappingChanged
	} else if m.Version > 0 {
		return err
	}
	if _, err := s.TeamConnection(ctx, m.Team, m.Connection); err != nil {
		return err
	}
	return errTooManyMappings
}

// TeamMapping returns a team's mapping at the version in force.
func (s *Store) TeamMapping(ctx context.Context, teamID, mappingID string) (mapping.Kept, error) {
	rows, _ := s.pool.Query(ctx, selectMappings+` where m.id = @id and m.team_id = @team and v.version = m.version`,
		pgx.StrictNamedArgs{"id": mappingID, "team": teamID})
	return s.oneMapping(rows, mappingID)
}

// Mapping returns a mapping as it was at a version.
func (s *Store) Mapping(ctx context.Context, mappingID string, version int) (mapping.Kept, error) {
	rows, _ := s.pool.Query(ctx, selectMappings+` where m.id = @id and v.version = @version`,
		pgx.StrictNamedArgs{"id": mappingID, "version": version})
	return s.oneMapping(rows, mappingID)
}

func (s *Store) oneMapping(rows pgx.Rows, mappingID string) (mapping.Kept, error) {
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[mappingRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return mapping.Kept{}, errMappingMissing
	}
	if err != nil {
		return mapping.Kept{}, fmt.Errorf("read mapping %s: %w", mappingID, err)
	}
	return s.keptMapping(row)
}

// Mappings returns a team's mappings at the versions in force, the oldest first.
func (s *Store) Mappings(ctx context.Context, teamID string) ([]mapping.Kept, error) {
	return s.mappings(ctx, ` where m.team_id = @team and v.version = m.version order by m.created_at, m.id`, pgx.StrictNamedArgs{"team": teamID})
}

// MappingsOf returns the enabled mappings of a connection for a type of record.
func (s *Store) MappingsOf(ctx context.Context, connectionID, recordType string) ([]mapping.Kept, error) {
	return s.mappings(ctx, ` where m.connection_id = @connection and m.record_type = @type and m.enabled and v.version = m.version order by m.created_at, m.id`,
		pgx.StrictNamedArgs{"connection": connectionID, "type": recordType})
}

// Scheduled are the enabled mappings that start by a schedule.
func (s *Store) Scheduled(ctx context.Context) ([]mapping.Kept, error) {
	all, err := s.mappings(ctx, ` where m.enabled and v.version = m.version order by m.id`, pgx.StrictNamedArgs{})
	return slices.DeleteFunc(all, func(m mapping.Kept) bool { return m.Mapping.Start.Schedule == "" }), err
}

func (s *Store) mappings(ctx context.Context, which string, args pgx.StrictNamedArgs) ([]mapping.Kept, error) {
	rows, _ := s.pool.Query(ctx, selectMappings+which, args)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[mappingRow])
	if err != nil {
		return nil, fmt.Errorf("list mappings: %w", err)
	}
	return each(found, s.keptMapping)
}

// Meet notes whether a record meets a mapping's condition now, and tells how often
// it has come to: turn goes up when it did not before. A record that meets it again
// and again without ever not doing so has met it once.
func (s *Store) Meet(ctx context.Context, mappingID string, ref connectors.Ref, met bool) (turn int64, err error) {
	print := s.sealer.Fingerprint("mapped record", []byte(ref.Type+"\x00"+ref.ID))
	err = s.pool.QueryRow(ctx, `
		insert into mapped_records (mapping_id, fingerprint, team_id, met, turn)
		select id, @print, team_id, @met, case when @met then 1 else 0 end from mappings where id = @mapping
		    on conflict (mapping_id, fingerprint) do update
		       set met = excluded.met, turn = mapped_records.turn + case when excluded.met and not mapped_records.met then 1 else 0 end
		returning turn`, pgx.StrictNamedArgs{"mapping": mappingID, "print": print, "met": met}).Scan(&turn)
	if err != nil {
		return 0, fmt.Errorf("note whether a record meets mapping %s: %w", mappingID, err)
	}
	return turn, nil
}
