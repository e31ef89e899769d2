package hub

import (
	"context"
	"time"

	"chancery/account"
)

// Notify stores a letter about an account and sends it. When the engine cannot be
// told, the letter waits in the records until somebody looks.
func (h *Hub) Notify(ctx context.Context, n account.Notice) error {
	if err := h.Store.AddNotice(ctx, n); err != nil {
		return err
	}
	h.post(ctx, n.ID)
	return nil
}

// post tells the engine of letters that are stored already. Whatever they tell of has
// happened, so nobody is kept waiting for it.
func (h *Hub) post(ctx context.Context, notices ...string) {
	for _, id := range notices {
		ctx, cancel := context.WithTimeout(ctx, postingTakes)
		h.quietly("post notice "+id, h.desk.Notify(ctx, id))
		cancel()
	}
}

const (
	// postingTakes is how long somebody who signs in waits for an engine that is away.
	postingTakes = 2 * time.Second
	// noticesWait is how long a letter may be pending before the engine is asked whether it knows of it.
	noticesWait = time.Minute
	// accountsLooked is how often that is done.
	accountsLooked = 5 * time.Minute
)

// lookAfterAccounts tells the engine of letters that it has missed, and forgets what
// is over, until ctx ends. A letter that the engine knows of is not posted twice.
func (h *Hub) lookAfterAccounts(ctx context.Context) error {
	for {
		h.quietly("forget what is over", h.Store.Forget(ctx, time.Now()))
		waiting, err := h.Store.PendingNotices(ctx, time.Now().Add(-noticesWait))
		h.quietly("look for pending notices", err)
		h.post(ctx, waiting...)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(accountsLooked):
		}
	}
}
