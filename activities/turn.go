package activities

import (
	"context"
	"strconv"
	"time"
)

// Turns says when a team's webhooks may be called. A turn is zero when that is now,
// and counted then. Else it is how long to wait; who comes back under the same name
// has kept their place.
type Turns interface {
	Turn(ctx context.Context, d Delivery, name string) time.Duration
}

// Wait is a delivery that is not attempted yet.
type Wait struct {
	Delivery string
	For      time.Duration // zero is not at all: nobody had the time
	Until    time.Time     // as far as is known
}

// turn of the next attempt: each is a call of its own. Waiting is no attempt.
func (d *Desk) turn(ctx context.Context, delivery Delivery) time.Duration {
	if d.Turns == nil {
		return 0
	}
	return d.Turns.Turn(ctx, delivery, delivery.ID+"/"+strconv.Itoa(delivery.Attempts+1))
}

func (d *Desk) wait(delivery Delivery, wait time.Duration) Wait {
	return Wait{Delivery: delivery.ID, For: wait, Until: time.Now().Add(wait)}
}
