package engine

import (
	"fmt"
	"net/url"
	"strings"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/tools/common/schema"
	"go.temporal.io/server/tools/sql"
)

const (
	storeName      = "store"
	visibilityName = "visibility"

	// Connections held open. Four shards write one transaction each at a time; the rest
	// is reads, task queues and timers.
	storeConnections      = 24
	visibilityConnections = 6
)

// stores are the two databases, schema up to date.
type stores struct{ main, visibility *config.SQL }

func openStores(options Options) (stores, error) {
	main, err := openStore(options.Store, "postgresql/v12/temporal", storeConnections)
	if err != nil {
		return stores{}, err
	}
	visibility, err := openStore(options.Visibility, "postgresql/v12/visibility", visibilityConnections)
	return stores{main, visibility}, err
}

func openStore(address, schemaName string, connections int) (*config.SQL, error) {
	store, err := storeAt(address)
	if err != nil {
		return nil, err
	}
	if err := migrate(store, schemaName); err != nil {
		return nil, fmt.Errorf("bring database %s to schema %s: %w", store.DatabaseName, schemaName, err)
	}
	store.MaxConns, store.MaxIdleConns = connections, connections
	return store, nil
}

// storeAt turns a postgres:// URL into the server's own words.
func storeAt(address string) (*config.SQL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err)
	}
	password, _ := u.User.Password()
	attributes := map[string]string{}
	for name := range u.Query() {
		attributes[name] = u.Query().Get(name)
	}
	return &config.SQL{
		PluginName:        postgresql.PluginNamePGX,
		DatabaseName:      strings.TrimPrefix(u.Path, "/"),
		ConnectAddr:       u.Host,
		ConnectProtocol:   "tcp",
		ConnectAttributes: attributes,
		User:              u.User.Username(),
		Password:          password,
	}, nil
}

// migrate applies the versions of the schema that the database does not have yet; the
// server carries them all. Asking for the version of an empty database fails, and is how
// we know it is empty.
func migrate(store *config.SQL, schemaName string) error {
	quiet := log.NewNoopLogger()
	db, err := sql.NewConnection(store, quiet)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer db.Close()
	if _, err := db.ReadSchemaVersion(); err != nil {
		setup := &schema.SetupConfig{InitialVersion: "0.0"}
		if err := schema.NewSetupSchemaTask(db, setup, quiet).Run(); err != nil {
			return fmt.Errorf("set up: %w", err)
		}
	}
	update := &schema.UpdateConfig{SchemaName: schemaName}
	return schema.NewUpdateSchemaTask(db, update, quiet).Run()
}
