package integration

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"chancery/connectors"
	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
)

// testTime bounds the question whether credentials are good.
const testTime = 20 * time.Second

// SaveConnection stores a new connection (without an id, or with one that nothing has
// yet) or changes one, after the system has taken its credentials. A secret that is
// left out stays as it was.
func (d *Desk) SaveConnection(ctx context.Context, c connectors.Connection) (connectors.Connection, error) {
	system, before, err := d.amend(ctx, &c)
	if err != nil {
		return c, err
	}
	if err := system.Check(c.Settings); err != nil {
		return c, err
	}
	c.TestedAt = d.Now()
	as, learnt, err := d.test(ctx, system, c)
	if err != nil {
		return c, keepRenewed(ctx, before, c, learnt, err)
	}
	c.As = as
	maps.Copy(c.Settings, learnt)
	if c.ID == "" {
		c.ID = id.New(id.Connection)
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = c.TestedAt
	}
	return c, d.Records.SaveConnection(ctx, c)
}

// Compare has a connection's records compared with what their envelopes have come to.
func (d *Desk) Compare(ctx context.Context, connectionID string) error {
	return d.Later.Reconcile(ctx, connectionID)
}

// amend puts what is kept of the connection into what somebody says of it, and looks
// at its name.
func (d *Desk) amend(ctx context.Context, c *connectors.Connection) (system connectors.System, before connectors.Connection, err error) {
	if system, err = d.System(c.System); err != nil {
		return system, before, err
	}
	if c.ID != "" {
		before, err = d.Records.TeamConnection(ctx, c.Team, c.ID)
		if isNew := c.CreatedAt.IsZero() && problem.Has(err, "connection_missing"); err != nil && !isNew {
			return system, before, err
		}
	}
	if before.ID != "" && before.System != c.System {
		return system, before, problem.Invalid("system_fixed", "A connection stays with its system; make another one.").At("system")
	}
	c.Settings, c.CreatedAt = system.Amended(before.Settings, c.Settings), before.CreatedAt
	if strings.TrimSpace(c.Name) == "" {
		return system, before, problem.Invalid("name_missing", "A connection needs a name.").At("name")
	}
	if len([]rune(c.Name)) > envelope.MaxName {
		return system, before, problem.TooLarge("text_too_long", "A text is longer than its place allows.").At("name")
	}
	return system, before, nil
}

// test asks the system whether the credentials are good, without the connection's
// id: what is only tried is not kept. It tells whom they speak as, and what the
// system has told or renewed.
func (d *Desk) test(ctx context.Context, system connectors.System, c connectors.Connection) (as string, learnt map[string]string, err error) {
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	c.ID = ""
	var mu sync.Mutex // signing in may outlast the test
	kept := map[string]string{}
	c.Keep = func(_ context.Context, learnt map[string]string) error {
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(kept, learnt)
		return nil
	}
	reader, err := system.Open(c, d.HTTP)
	if err == nil {
		if tester, able := reader.(connectors.Tester); able {
			as, err = tester.Test(ctx)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	return connectors.Clean(as), maps.Clone(kept), said(err, "settings")
}

// keepRenewed keeps secrets of a connection that the system has renewed during a test
// that went wrong after all: the old ones are good no more.
func keepRenewed(ctx context.Context, before, tried connectors.Connection, learnt map[string]string, wrong error) error {
	renewed := map[string]string{}
	for name, value := range learnt {
		if was := before.Settings[name]; was != "" && was == tried.Settings[name] && value != was {
			renewed[name] = value
		}
	}
	if len(renewed) > 0 && before.Keep != nil {
		if err := before.Keep(ctx, renewed); err != nil {
			return err
		}
	}
	return wrong
}
