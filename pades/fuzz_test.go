package pades_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"chancery/pades"
	"chancery/problem"
)

// Whatever bytes come, reading them ends in a report or a refusal, and nothing
// but the untouched file is intact.
func FuzzReadingAFile(f *testing.F) {
	d := newDesk(f)
	signed := d.agreement(f)
	f.Add(signed)
	f.Add(twoPages())
	f.Add(turnedPages())
	f.Fuzz(func(t *testing.T, data []byte) {
		ctx, r := context.Background(), bytes.NewReader(data)
		var p *problem.Problem
		if _, err := pades.Inspect(ctx, r, r.Size()); err != nil && !errors.As(err, &p) {
			t.Errorf("inspect: %v", err)
		}
		if _, err := d.verify(data); err != nil && !errors.As(err, &p) {
			t.Errorf("verify: %v", err)
		}
		spec := pades.Spec{Recipients: []string{"r"}, TestMark: true}
		if _, _, err := pades.Certify(ctx, r, r.Size(), spec, holder(d.authority.Certifier()), d.now); err != nil && !errors.As(err, &p) {
			t.Errorf("certify: %v", err)
		}
	})
}
