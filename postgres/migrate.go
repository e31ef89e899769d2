package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock of migrations: any number, so long as it stays.
const migrationLock = 7_243_600_161

// Migrate brings the schema up to date as its owner and grants hubRole what the
// hub needs. Several processes may call it at once; one works, the others wait.
func Migrate(ctx context.Context, ownerURL, hubRole string) error {
	settings, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return fmt.Errorf("read owner's database url: %w", err)
	}
	shape(settings)
	conn, err := pgx.ConnectConfig(ctx, settings)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// Waiting for another migration is no fault, so this lock has no time limit;
	// it ends with the connection.
	if _, err := conn.Exec(ctx, `set lock_timeout = 0`); err != nil {
		return fmt.Errorf("lift time limit of migration lock: %w", err)
	}
	if _, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		return fmt.Errorf("take migration lock: %w", err)
	}
	if err := migrateUp(ctx, settings); err != nil {
		return err
	}
	return grant(ctx, conn, hubRole)
}

func migrateUp(ctx context.Context, settings *pgx.ConnConfig) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("open migrations: %w", err)
	}
	db := stdlib.OpenDB(*settings)
	defer db.Close()
	steps, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// grant gives the hub's role its rights anew after every migration. Evidence is
// append-only by grant: the hub may read audit_events and add to them.
func grant(ctx context.Context, conn *pgx.Conn, hubRole string) error {
	var owner string
	if err := conn.QueryRow(ctx, `select current_user`).Scan(&owner); err != nil {
		return fmt.Errorf("ask who owns the schema: %w", err)
	}
	if owner == hubRole {
		return nil
	}
	role := pgx.Identifier{hubRole}.Sanitize()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, right := range []string{
			`revoke all on all tables in schema public from public, ` + role,
			`grant usage on schema public to ` + role,
			`grant select, insert, update, delete on all tables in schema public to ` + role,
			`revoke update, delete on audit_events from ` + role,
			`revoke insert, update, delete on goose_db_version from ` + role,
		} {
			if _, err := tx.Exec(ctx, right); err != nil {
				return fmt.Errorf("grant rights to %s: %w", hubRole, err)
			}
		}
		return nil
	})
}

// newestMigration returns the schema version that this program is written for.
func newestMigration() (int64, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("list migrations: %d found: %w", len(names), err)
	}
	return goose.NumericComponent(names[len(names)-1])
}
