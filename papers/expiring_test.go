package papers_test

import (
	"testing"
	"time"

	"chancery/pades"
	"chancery/problem"
)

func TestACertificateThatEndsSoonSignsNothing(t *testing.T) {
	r := newRoad(t, pades.LevelB, false)
	end := r.Production.Authority.Certifier().Certificate.NotAfter
	before := r.now
	r.now = end.Add(-20 * 24 * time.Hour)
	if err := r.certify(); !problem.Has(err, "certificate_expiring") {
		t.Errorf("20 days before its end it certifies: %v", err)
	}
	r.now = before
	for _, step := range []func() error{r.certify, r.sign} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	r.now = end.Add(-20 * 24 * time.Hour)
	if err := r.seal(); err == nil || problem.Of(err).Kind != problem.KindInternal {
		t.Errorf("20 days before its end it seals, or the seal is not tried again: %v", err)
	}
}
