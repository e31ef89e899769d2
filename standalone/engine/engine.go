// Package engine runs Temporal's own server inside this process, on PostgreSQL,
// listening on loopback alone.
//
// It is one machine's engine: all four services in one process, known to each other by
// fixed addresses instead of gossip, four history shards, one partition per task queue.
// A hub that outgrows one machine uses a Temporal cluster; nothing above this package changes.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"chancery/problem"
)

// Namespace is where all of the hub's workflows live.
const Namespace = "chancery"

// Retention is how long a finished workflow can still be looked at. What must be kept
// longer is in the hub's own records.
const Retention = 72 * time.Hour

// Options say what the engine stands on.
type Options struct {
	Store      string // postgres:// URL of the database for workflows
	Visibility string // postgres:// URL of the database for lists of workflows
	Port       int    // where clients connect on 127.0.0.1; 0 picks a free port
	Log        *slog.Logger
}

// Engine is a running Temporal server.
type Engine struct {
	server  temporal.Server
	address string
	running atomic.Bool // between the end of Start and the beginning of Stop
}

// Start brings both schemas up to date, starts the server and returns when the
// namespace can be used.
func Start(ctx context.Context, options Options) (*Engine, error) {
	addresses, err := pickAddresses(options.Port)
	if err != nil {
		return nil, err
	}
	stores, err := openStores(options)
	if err != nil {
		return nil, err
	}
	e := &Engine{address: addresses[primitives.FrontendService]}
	if err := e.launch(configuration(stores, addresses), addresses, options.Log); err != nil {
		return nil, err
	}
	if err := provideNamespace(ctx, e.address); err != nil {
		return nil, errors.Join(err, e.Stop())
	}
	e.running.Store(true)
	return e, nil
}

// launch starts the four services. The server ends the process when a port is taken or
// a setting is wrong; our logger turns that into a panic, and we the panic into an error.
func (e *Engine) launch(settings *config.Config, addresses addresses, log *slog.Logger) (err error) {
	defer func() {
		if fatal, ok := recover().(fatality); ok {
			err = fmt.Errorf("start engine: %s", fatal)
		}
	}()
	hosts := map[primitives.ServiceName]static.Hosts{}
	for service, address := range addresses {
		hosts[service] = static.SingleLocalHost(address)
	}
	e.server, err = temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(settings),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(serverLog{to: log, running: &e.running}),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithDynamicConfigClient(tuning()),
		temporal.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
	)
	if err != nil {
		return fmt.Errorf("make engine: %w", err)
	}
	if err := e.server.Start(); err != nil {
		return errors.Join(fmt.Errorf("start engine: %w", err), e.Stop()) // some of its services may be up
	}
	return nil
}

// Address is where clients connect, as host:port.
func (e *Engine) Address() string { return e.address }

// Stop ends all services. What workflows had reached is in the database.
func (e *Engine) Stop() error {
	e.running.Store(false)
	if err := e.server.Stop(); err != nil {
		return fmt.Errorf("stop engine: %w", err)
	}
	return nil
}

// addresses are host:port of each service.
type addresses map[primitives.ServiceName]string

// pickAddresses gives clients the port they were promised and the inner services free
// ones. All are held until the last is found, so no two are the same.
func pickAddresses(port int) (addresses, error) {
	picked := addresses{}
	for _, service := range []primitives.ServiceName{
		primitives.FrontendService, primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
	} {
		wanted := 0
		if service == primitives.FrontendService {
			wanted = port
		}
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
		if err != nil {
			return nil, problem.Conflict("engine_port_taken", fmt.Sprintf(
				"Port %d on 127.0.0.1 is taken; please choose another one for the engine.", wanted)).Because(err)
		}
		defer listener.Close()
		picked[service] = listener.Addr().String()
	}
	return picked, nil
}
