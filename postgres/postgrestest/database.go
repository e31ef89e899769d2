package postgrestest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery/postgres"
)

// Database is one test's own, migrated and empty.
type Database struct {
	Name     string
	URL      string // as the hub
	OwnerURL string // as the owner of the schema
	RootURL  string // as the superuser, to see everything and to set anything
	DataDir  string // of the whole server, for a search of its bytes
}

// New makes a database and drops it after the test.
func New(t testing.TB) Database {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + randomName()
	s.administer(t, `create database `+name+` template `+template+` owner `+Owner)
	t.Cleanup(func() { s.administer(t, `drop database `+name+` with (force)`) })
	return Database{
		Name: name, URL: s.url(Hub, name), OwnerURL: s.url(Owner, name), RootURL: s.url(superuser, name),
		DataDir: filepath.Join(s.dir, "data"),
	}
}

// Store opens a store on a database of the test's own.
func Store(t testing.TB) *postgres.Store {
	t.Helper()
	return New(t).Open(t)
}

// Open opens a store as the hub; the test closes it.
func (d Database) Open(t testing.TB) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(context.Background(), postgres.Config{URL: d.URL, Sealer: Sealer{}, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

// Connect opens a single connection; the test closes it.
func Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func (s server) administer(t testing.TB, statement string) {
	t.Helper()
	ctx := context.Background()
	conn, err := s.connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func randomName() string {
	var name [8]byte
	rand.Read(name[:])
	return hex.EncodeToString(name[:])
}
