package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"chancery/connectors"
)

// Told is what a system has told of a connection's records in one call.
type Told struct {
	Connection string
	News       []connectors.News
}

// ID is the same for the same news of the same connection.
func (t Told) ID() string {
	sum := sha256.New()
	for _, news := range t.News {
		fmt.Fprintf(sum, "%d:%s", len(news.ID), news.ID)
	}
	return t.Connection + "/" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// HearAll hears each piece of news, and those that come to nothing now again later.
// One record that the system does not show keeps nothing from the others.
func (c *Clerk) HearAll(ctx context.Context, told Told) error {
	var refused, late error
	for _, news := range told.News {
		heard := c.Hear(ctx, told.Connection, news)
		err := c.troubled(ctx, told.Connection, heard)
		switch {
		case err == nil:
		case Refused(err):
			refused = err
		default:
			late = err
			if trouble := connectors.TroubleOf(heard); trouble == connectors.Throttled || trouble == connectors.Expired || ctx.Err() != nil {
				return late // asking on would not help
			}
		}
	}
	if late != nil {
		return late
	}
	return refused
}
