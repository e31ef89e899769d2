package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
)

// The second net. Every statement for a request from outside runs under row-level
// security: the database shows and takes only rows of teams that the store itself
// has recognised as the asker's (by a key, a session or a link). A statement that
// forgets to compare the team finds nothing of others.
//
// The hub's own work (workers, command line) comes with a context that is not
// guarded, and has all rows.

type guardKey struct{}

// guard is what one request may touch: nothing at first.
type guard struct {
	mu    sync.Mutex
	teams []string
}

// all is the scope of the hub's own work.
const all = "*"

// Guard returns a context in which the store has rows of no team, until it
// recognises who asks.
func Guard(ctx context.Context) context.Context {
	return context.WithValue(ctx, guardKey{}, &guard{})
}

// admit lets a guarded request have the rows of these teams from now on.
func admit(ctx context.Context, teams ...string) {
	g, guarded := ctx.Value(guardKey{}).(*guard)
	if !guarded {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range teams {
		if !slices.Contains(g.teams, id) {
			g.teams = append(g.teams, id)
		}
	}
}

// unguarded is for finding out who asks, and for what anybody may know.
func unguarded(ctx context.Context) context.Context {
	return context.WithValue(ctx, guardKey{}, nil)
}

// scope is what the row policies read: ids with commas between.
func scope(ctx context.Context) string {
	g, guarded := ctx.Value(guardKey{}).(*guard)
	if !guarded {
		return all
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(g.teams, ",")
}

// scopeKept is where a connection keeps the scope that it was last given.
const scopeKept = "chancery.teams"

// bound gives a connection the scope of whoever takes it from the pool. Most often
// it has it already, and that costs nothing.
func bound(ctx context.Context, conn *pgx.Conn) (bool, error) {
	want, kept := scope(ctx), conn.PgConn().CustomData()
	if have, set := kept[scopeKept]; set && have == want {
		return true, nil
	}
	delete(kept, scopeKept)
	if _, err := conn.Exec(ctx, `select set_config('chancery.teams', $1, false)`, want); err != nil {
		return false, fmt.Errorf("bind connection to its teams: %w", err)
	}
	kept[scopeKept] = want
	return true, nil
}
