package activities

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/activity"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/problem"
)

// Listen hears what a system tells of its records until ctx ends, and starts the
// journeys that follow. The cursor is kept after each, so whoever goes on hears
// what comes next, and what was heard before is heard once.
func (c *Clerk) Listen(ctx context.Context, connectionID string, recordTypes []string) error {
	system, err := c.open(ctx, connectionID)
	if err != nil {
		return Refusal(err)
	}
	watcher, able := system.(connectors.Watcher)
	if !able {
		return nil
	}
	defer beat(ctx)()
	cursor, err := c.Records.Cursor(ctx, connectionID)
	if err != nil {
		return err
	}
	err = watcher.Watch(ctx, recordTypes, cursor, func(news connectors.News, next string) error {
		if news.Kind != connectors.Quiet {
			if err := c.Hear(ctx, connectionID, news); err != nil {
				return err
			}
		}
		return c.Records.SetCursor(ctx, connectionID, next)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.troubled(ctx, connectionID, err)
}

// troubled keeps what is wrong with a connection where people see it.
func (c *Clerk) troubled(ctx context.Context, connectionID string, err error) error {
	words, final := c.judge(err)
	if err != nil && connectors.TroubleOf(err) == connectors.Expired {
		words, final = "The system does not take the credentials of this connection any more.", false
	}
	if words != "" {
		if noteErr := c.Records.SetTrouble(ctx, connectionID, words); noteErr != nil {
			return noteErr
		}
	}
	if final {
		return Refusal(problem.Conflict("connection_needs_attention", words).Because(err))
	}
	return waiting(err)
}

// Hear takes one piece of news: mappings whose records it is about are asked
// whether it begins anything. News that we caused ourselves begins nothing.
func (c *Clerk) Hear(ctx context.Context, connectionID string, news connectors.News) error {
	if news.Ours || news.Kind == connectors.Deleted {
		return nil
	}
	heard, err := c.Records.Heard(ctx, connectionID, news.ID)
	if err != nil || heard {
		return err
	}
	starts, err := c.starts(ctx, connectionID, news.Ref.Type, func(m mapping.Kept) bool { return wants(m.Mapping.Start.On, news.Kind) })
	if err != nil {
		return err
	}
	var system connectors.Reader
	for _, m := range starts {
		if system == nil && m.Mapping.Start.When != "" {
			if system, err = c.open(ctx, connectionID); err != nil {
				return err
			}
		}
		if err := c.consider(ctx, system, m, news); err != nil {
			return fmt.Errorf("consider %s %s for mapping %s: %w", news.Ref.Type, news.Ref.ID, m.ID, err)
		}
	}
	// Last: if we stop before, it is heard again, and the journeys find themselves begun.
	return c.Records.Hear(ctx, connectionID, news.ID)
}

// start is a mapping that may begin journeys.
type start struct {
	mapping.Kept
	ready mapping.Compiled
	asks  []string // of a record, to draw it up at once; none where there is no condition to read it for
}

// starts are the chosen mappings of a connection for a type of record, made ready. One that
// cannot be is left out: it was checked when it was saved; a later hub may be stricter.
func (c *Clerk) starts(ctx context.Context, connectionID, recordType string, chosen func(mapping.Kept) bool) ([]start, error) {
	mappings, err := c.Records.MappingsOf(ctx, connectionID, recordType)
	var all []start
	for _, m := range mappings {
		if !chosen(m) {
			continue
		}
		ready, err := mapping.Compile(m.Mapping)
		if err != nil {
			continue
		}
		one := start{Kept: m, ready: ready}
		if m.Mapping.Start.When != "" {
			if one.asks, err = c.asks(ctx, m.Team, ready); err != nil { // a template is gone: the journey tells, and this is about its condition
				one.asks = ready.Paths()
			}
		}
		all = append(all, one)
	}
	return all, err
}

// wants tells whether a mapping starts with such news. Where something was missed
// it may have been anything.
func wants(on []string, kind connectors.Kind) bool {
	return slices.Contains(on, string(kind)) || kind == connectors.Missed && len(on) > 0
}

// consider reads the record and begins a journey when it has come to meet the
// mapping's condition. A mapping without a condition begins with every news, unread.
func (c *Clerk) consider(ctx context.Context, system connectors.Reader, m start, news connectors.News) error {
	if m.Mapping.Start.When == "" {
		return c.begin(ctx, m.Kept, m.ready, connectors.Journey{Ref: news.Ref, Trigger: "news/" + news.ID})
	}
	seen := connectors.Baseline{Paths: m.asks, At: c.Now()}
	record, err := system.Read(ctx, news.Ref, seen.Paths)
	if connectors.TroubleOf(err) == connectors.Refused { // what a template asks for is the journey's trouble
		seen.Paths = m.ready.Paths()
		record, err = system.Read(ctx, news.Ref, seen.Paths)
	}
	if err != nil {
		if connectors.TroubleOf(err) == connectors.Gone {
			return nil
		}
		return err
	}
	met, err := m.ready.Starts(record.Fields, c.Now())
	if err != nil {
		return nil // the condition does not fit this record: it does not meet it
	}
	turn, err := c.Records.Meet(ctx, m.ID, news.Ref, met)
	if err != nil || !met {
		return err
	}
	seen.Version, seen.Fields = record.Version, record.Fields
	return c.begin(ctx, m.Kept, m.ready, connectors.Journey{Ref: news.Ref, Trigger: fmt.Sprintf("turn/%d", turn), Baseline: seen})
}

// Seek looks for records that have changed, for a system that tells nothing or has
// failed to, and considers each.
func (c *Clerk) Seek(ctx context.Context, connectionID, recordType string, since time.Time) error {
	starts, err := c.starts(ctx, connectionID, recordType, func(m mapping.Kept) bool {
		return m.Mapping.Start.When != "" && wants(m.Mapping.Start.On, connectors.Missed)
	})
	if err != nil {
		return err
	}
	return c.look(ctx, connectionID, recordType, since, starts)
}

// Survey looks at all records that a mapping could be about, by its schedule.
func (c *Clerk) Survey(ctx context.Context, s mapping.Survey) error {
	starts, err := c.starts(ctx, s.Connection, s.Record, func(m mapping.Kept) bool {
		return m.ID == s.Mapping && m.Mapping.Start.Schedule != ""
	})
	if err != nil {
		return err
	}
	return c.look(ctx, s.Connection, s.Record, time.Unix(0, 0), starts)
}

// look considers every record that has changed since then. A second attempt goes on at
// the page where the first one stopped.
func (c *Clerk) look(ctx context.Context, connectionID, recordType string, since time.Time, starts []start) error {
	if len(starts) == 0 {
		return nil
	}
	system, err := c.open(ctx, connectionID)
	if err != nil {
		return Refusal(err)
	}
	finder, able := system.(connectors.Finder)
	if !able {
		return nil
	}
	cursor := ""
	if activity.IsActivity(ctx) && activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &cursor); err != nil {
			return err
		}
	}
	var place atomic.Value // where the look stands, however long a page takes
	place.Store(cursor)
	defer beatWith(ctx, func() []any { return []any{place.Load()} })()
	for {
		found, next, err := finder.Find(ctx, recordType, since, cursor)
		if err != nil {
			return c.troubled(ctx, connectionID, err)
		}
		for _, ref := range found {
			for _, m := range starts {
				if err := c.consider(ctx, system, m, connectors.News{Ref: ref, Kind: connectors.Missed}); err != nil {
					return c.troubled(ctx, connectionID, err)
				}
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
		place.Store(cursor)
	}
}

// pressed begins the trigger of a journey that somebody has asked for.
const pressed = "request/"

// Press begins a journey that a person or a program asks for, and tells its id; asked
// twice under one request it is one journey. A record that comes along is not read
// in the system.
func (c *Clerk) Press(ctx context.Context, m mapping.Kept, ref connectors.Ref, record map[string]any, request string) (string, error) {
	ready, err := mapping.Compile(m.Mapping)
	if err != nil {
		return "", err
	}
	return c.PressReady(ctx, m, ready, ref, record, request)
}

// PressReady is Press for whoever has the mapping made ready, as for many records.
func (c *Clerk) PressReady(ctx context.Context, m mapping.Kept, ready mapping.Compiled, ref connectors.Ref, record map[string]any, request string) (string, error) {
	trigger := pressed + request
	return connectors.JourneyID(m.ID, m.Version, ref, trigger), c.begin(ctx, m, ready, connectors.Journey{Ref: ref, Record: record, Trigger: trigger})
}
