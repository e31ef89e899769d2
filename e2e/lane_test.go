package e2e

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// victims says which processes are behind the gate, and die.
type victims string

const (
	onlyTheWorker victims = "worker"
	everything    victims = "hub"
)

// lane is a hub in a namespace of its own: one API process and one worker. It
// shares records with the other lanes and no workflows.
type lane struct {
	name          string
	which         victims
	key           string
	gate          *gate
	apiAddress    string
	workerAddress string
	settings      []string // of all of its processes
	gated         string   // the database behind the gate, as a setting

	mu          sync.Mutex
	api, worker *process
	buried      []*process
	standing    sync.WaitGroup // done when what was killed is up again
}

func newLane(t *testing.T, name, key string, which victims) *lane {
	t.Helper()
	address, err := url.Parse(ground.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l := &lane{name: name, which: which, key: key, gate: openGate(t, address.Host),
		apiAddress: freeAddress(t), workerAddress: freeAddress(t)}
	address.Host = l.gate.address()
	l.gated = "CHANCERY_DATABASE_URL=" + address.String()
	l.settings = []string{"CHANCERY_NAMESPACE=" + name, "CHANCERY_PUBLIC_URL=http://" + l.apiAddress}
	return l
}

// open registers the namespace and starts both processes.
func (l *lane) open(t *testing.T) {
	if err := register(l.name); err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { l.close(t) })
	if err := l.start(); err != nil {
		t.Error(err)
	}
}

// start brings up what is not running.
func (l *lane) start() (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.api == nil {
		settings := l.settings
		if l.which == everything {
			settings = append(settings[:len(settings):len(settings)], l.gated)
		}
		if l.api, err = home.serve(l.apiAddress, settings...); err != nil {
			return err
		}
	}
	if l.worker == nil {
		l.worker, err = home.work(l.workerAddress, append(l.settings[:len(l.settings):len(l.settings)], l.gated)...)
	}
	return err
}

// kill ends the victims as a power cut would and starts them again at once.
func (l *lane) kill(t *testing.T) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worker.kill()
	l.buried, l.worker = append(l.buried, l.worker), nil
	if l.which == everything {
		l.api.kill()
		l.buried, l.api = append(l.buried, l.api), nil
	}
	l.standing.Go(func() {
		if err := l.start(); err != nil {
			t.Error(err)
		}
	})
}

func (l *lane) close(t *testing.T) {
	l.standing.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.buried {
		p.race(t, l.name)
	}
	for _, p := range []*process{l.api, l.worker} {
		if p != nil {
			p.stop()
			p.audit(t, l.name+" "+p.cmd.Args[1])
		}
	}
}

func (l *lane) story(name, document string) *story {
	return &story{name: name, document: document,
		api: newCaller("http://"+l.apiAddress, l.key), letters: openOutbox(ground.Outbox)}
}

// register makes a namespace in the shared engine and waits until it can be used.
func register(namespace string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startPatience)
	defer cancel()
	c, err := dial(ctx, namespace)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}); err != nil {
		return err
	}
	return await(startPatience, func() error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{})
		return err
	})
}

// dial speaks to a namespace of the shared engine.
func dial(ctx context.Context, namespace string) (client.Client, error) {
	return client.DialContext(ctx, client.Options{
		HostPort: ground.Temporal, Namespace: namespace, Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
}
