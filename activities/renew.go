package activities

import (
	"context"
	"fmt"
	"time"
)

// RenewalDue tells when the proofs of a finished document must be renewed; zero is never.
func (d *Desk) RenewalDue(ctx context.Context, envelopeID, documentID string) (time.Time, error) {
	newest, err := d.Records.Newest(ctx, envelopeID, documentID)
	return newest.RenewAt, err
}

// Renew adds proofs to a finished document and tells when that is due again. What
// was renewed a moment ago, by a try whose success was lost, is not renewed twice.
func (d *Desk) Renew(ctx context.Context, envelopeID, documentID string) (time.Time, error) {
	newest, err := d.Records.Newest(ctx, envelopeID, documentID)
	if err != nil {
		return time.Time{}, err
	}
	at := d.Now()
	if newest.RenewAt.IsZero() || newest.RenewAt.After(at) {
		return newest.RenewAt, nil
	}
	e, err := d.Records.Envelope(ctx, envelopeID)
	if err != nil {
		return time.Time{}, err
	}
	change, err := e.Renew(documentID, newest.Number, e.Clock(at))
	if err != nil {
		return time.Time{}, Refusal(err)
	}
	renewed, err := d.Papers.Renew(ctx, e, documentID, change.Happened())
	if err != nil {
		return time.Time{}, fmt.Errorf("renew proofs of document %s: %v", documentID, err)
	}
	change.Grow(renewed)
	return renewed.RenewAt, retryLost(d.Records.Commit(ctx, change))
}
