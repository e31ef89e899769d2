package hub

import (
	"context"
	"time"
)

const (
	// tellingTakes is how long a change may be without an announcement and all be well.
	tellingTakes = 15 * time.Second
	// untilAllIsBack is when a process that started looks once more: what died with it is back by then.
	untilAllIsBack = time.Minute
)

// rescue wakes the envelopes of which the engine knows less than the records: a
// step was stored, and the power failed before the engine heard of it. That
// happens when something dies, so it is looked for when something starts.
func (h *Hub) rescue(ctx context.Context) error {
	h.quietly("note what was issued before", h.noteIssued(ctx))
	for _, wait := range []time.Duration{0, tellingTakes, untilAllIsBack} {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		stranded, err := h.Store.Stranded(ctx, time.Now().Add(-tellingTakes))
		h.quietly("look for stranded envelopes", err)
		for _, envelope := range stranded {
			h.quietly("wake envelope "+envelope, h.desk.Wake(ctx, envelope))
		}
	}
	return nil
}

// fillAtOnce is how many revisions are noted in one go; a year of a busy hub takes minutes.
const fillAtOnce = 500

// noteIssued notes the revisions that releases before this one have given out.
func (h *Hub) noteIssued(ctx context.Context) error {
	for {
		n, err := h.Store.FillIssued(ctx, fillAtOnce)
		if err != nil || n < fillAtOnce {
			return err
		}
	}
}
