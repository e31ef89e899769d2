package pki_test

import (
	"testing"
	"time"

	"chancery/pki"
	"chancery/problem"
)

func TestAnEndingIsToldOfEverythingInUse(t *testing.T) {
	a := hubOf(t, ceremony(t))
	told := map[pki.Role]time.Duration{}
	for _, e := range a.Endings() {
		told[e.Role] = e.Left(time.Now())
	}
	for _, role := range []pki.Role{pki.Root, pki.Issuing, pki.Certifier, pki.Sealer, pki.TSA, pki.Responder, pki.RootList} {
		if told[role] < 5*30*24*time.Hour {
			t.Errorf("the %s has %s left", role, told[role])
		}
	}
	if told[pki.TSA] > 2*366*24*time.Hour {
		t.Errorf("the key of the TSA is used for another %s", told[pki.TSA])
	}
	seal := a.Sealer()
	end := seal.Certificate.NotAfter
	if err := seal.Ready(end.Add(-31 * 24 * time.Hour)); err != nil {
		t.Error(err)
	}
	if err := seal.Ready(end.Add(-29 * 24 * time.Hour)); !problem.Has(err, "certificate_expiring") {
		t.Errorf("29 days before the end: %v", err)
	}
}
