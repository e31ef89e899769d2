package connectors

import (
	"context"
	"maps"
	"net/http"
	"sync"
)

// maxOpen connectors are kept by a process; more connections than that are opened anew.
const maxOpen = 1000

// Once lets a connection be opened once in a process, until its settings change: who
// has signed in to a system stays signed in, and of many who need a new token at
// the same time one asks for it. Settings that the system itself renews do not count
// as a change.
func Once(open func(Connection, *http.Client) (Reader, error)) func(Connection, *http.Client) (Reader, error) {
	type opened struct {
		settings map[string]string
		reader   Reader
	}
	var mu sync.Mutex
	kept := map[string]opened{}
	return func(c Connection, client *http.Client) (Reader, error) {
		mu.Lock()
		defer mu.Unlock()
		if one, there := kept[c.ID]; there && maps.Equal(one.settings, c.Settings) {
			return one.reader, nil
		}
		if keep := c.Keep; keep != nil {
			c.Keep = func(ctx context.Context, learnt map[string]string) error {
				if err := keep(ctx, learnt); err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				if one, there := kept[c.ID]; there {
					maps.Copy(one.settings, learnt)
				}
				return nil
			}
		}
		reader, err := open(c, client)
		if err != nil || c.ID == "" { // one that is only tried out has no id yet
			return reader, err
		}
		if len(kept) >= maxOpen {
			clear(kept)
		}
		kept[c.ID] = opened{maps.Clone(c.Settings), reader}
		return reader, nil
	}
}
