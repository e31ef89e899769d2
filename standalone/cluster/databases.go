package cluster

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"chancery/problem"
)

// Names of databases and roles. The owner migrates; the hub logs in as somebody who can
// do only what the migrations grant.
const (
	DatabaseHub        = "chancery"
	DatabaseTemporal   = "temporal"
	DatabaseVisibility = "temporal_visibility"

	RoleOwner    = "chancery_owner"
	RoleHub      = "chancery"
	RoleTemporal = "temporal"
)

// provide makes the roles and databases that are missing and closes each database to
// everybody but its own people. Doing it again changes nothing.
func (c *Cluster) provide(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.superuserURL())
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := needExtension(ctx, conn, "btree_gin"); err != nil {
		return err
	}
	for role, password := range map[string]string{
		RoleTemporal: c.passwords.Temporal, RoleOwner: c.passwords.Owner, RoleHub: c.passwords.Hub,
	} {
		if err := provideRole(ctx, conn, role, password); err != nil {
			return err
		}
	}
	for database, owner := range map[string]string{
		DatabaseTemporal: RoleTemporal, DatabaseVisibility: RoleTemporal, DatabaseHub: RoleOwner,
	} {
		if err := provideDatabase(ctx, conn, database, owner); err != nil {
			return err
		}
	}
	if _, err := conn.Exec(ctx, "grant connect on database "+DatabaseHub+" to "+RoleHub); err != nil {
		return fmt.Errorf("let role %s into database %s: %w", RoleHub, DatabaseHub, err)
	}
	return nil
}

// needExtension looks for an extension of Temporal's visibility schema that some
// distributions ship in a package of its own.
func needExtension(ctx context.Context, conn *pgx.Conn, name string) error {
	available, err := exists(ctx, conn, "select exists (select from pg_available_extensions where name = $1)", name)
	if err != nil {
		return err
	}
	if !available {
		return problem.Missing("postgres_extension_missing", fmt.Sprintf(
			"PostgreSQL's extension %s is missing; please install the package postgresql-contrib.", name))
	}
	return nil
}

func provideRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	there, err := exists(ctx, conn, "select exists (select from pg_roles where rolname = $1)", role)
	if there || err != nil {
		return err
	}
	// Names and passwords are our own letters and digits; DDL takes no parameters.
	_, err = conn.Exec(ctx, fmt.Sprintf("create role %s login nosuperuser nocreatedb nocreaterole password '%s'", role, password))
	if err != nil {
		return fmt.Errorf("create role %s: %w", role, err)
	}
	return nil
}

func provideDatabase(ctx context.Context, conn *pgx.Conn, database, owner string) error {
	there, err := exists(ctx, conn, "select exists (select from pg_database where datname = $1)", database)
	if err != nil {
		return err
	}
	if !there {
		if _, err := conn.Exec(ctx, fmt.Sprintf("create database %s owner %s template template0", database, owner)); err != nil {
			return fmt.Errorf("create database %s: %w", database, err)
		}
	}
	if _, err := conn.Exec(ctx, "revoke all on database "+database+" from public"); err != nil {
		return fmt.Errorf("close database %s to others: %w", database, err)
	}
	return nil
}

func exists(ctx context.Context, conn *pgx.Conn, query, name string) (bool, error) {
	var there bool
	if err := conn.QueryRow(ctx, query, name).Scan(&there); err != nil {
		return false, fmt.Errorf("look for %s: %w", name, err)
	}
	return there, nil
}
