// Package postgres keeps the records: one file per aggregate, SQL by hand,
// migrations numbered and forward only.
//
// Start at Store. Teams, drafts and endpoints are written by the functions named
// after them; from the moment an envelope is sent, Commit alone changes it.
//
// Whatever a person wrote or could be known by is sealed before it leaves the
// process (see sealed.go), so neither the tables nor the write-ahead log nor a
// statement log ever hold it in clear.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"chancery/account"
)

// Sealer encrypts what must not lie in clear. The associated data says where the
// value lies, so that a value moved to another row does not open.
type Sealer interface {
	Seal(plain, ad []byte) ([]byte, error)
	Open(sealed, ad []byte) ([]byte, error)
	// Fingerprint is a keyed hash by which a value is found again without being kept.
	Fingerprint(purpose string, value []byte) []byte
}

// Config says which database to use and how.
type Config struct {
	URL      string // of the role that the hub works as
	Sealer   Sealer
	MaxConns int32 // 0 leaves it to pgx: four, or as many as there are cores

	Operators account.Operators // who among the users run the hub
}

// Store keeps the hub's records. It is safe for concurrent use.
type Store struct {
	pool      *pgxpool.Pool
	sealer    Sealer
	operators account.Operators
}

// querier is the pool, or a transaction.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row
}

// Open connects. It does not wait for the database to be ready: ask Ready.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.Sealer == nil {
		return nil, fmt.Errorf("open database: no sealer given")
	}
	settings, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		return nil, fmt.Errorf("read database url: %w", err)
	}
	if c.MaxConns > 0 {
		settings.MaxConns = c.MaxConns
	}
	shape(settings.ConnConfig)
	settings.AfterConnect = timesInUTC
	settings.PrepareConn = bound
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, fmt.Errorf("connect to database: %w", err)
	}
	return &Store{pool: pool, sealer: c.Sealer, operators: c.Operators}, nil
}

// Close waits for connections in use and closes all.
func (s *Store) Close() { s.pool.Close() }

// Ready tells whether the database answers and its schema is not older than this
// program needs. A newer one is fine, so that machines can be replaced one by one.
func (s *Store) Ready(ctx context.Context) error {
	var have int64
	err := s.pool.QueryRow(ctx, `
		select coalesce(max(version_id), 0) from goose_db_version where is_applied`).Scan(&have)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	need, err := newestMigration()
	if err != nil {
		return err
	}
	if have < need {
		return fmt.Errorf("database schema is version %d, this program needs %d: run the migration", have, need)
	}
	return nil
}

// shape sets what every connection of ours relies on.
func shape(c *pgx.ConnConfig) {
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["application_name"] = "chancery"
	// No statement of ours waits long for another; one that does is a fault worth a retry.
	c.RuntimeParams["lock_timeout"] = lockTimeout.String()
	// Every plan we want is an index look-up that does not depend on the values:
	// planning the commit anew costs more than running it.
	c.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
}

// lockTimeout is how long a statement waits for a row or table that another holds.
const lockTimeout = 10 * time.Second

func timesInUTC(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name:  "timestamptz",
		OID:   pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}
