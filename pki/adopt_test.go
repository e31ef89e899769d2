package pki_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pki"
)

func TestProcessesThatShareARegisterHearOfEachOther(t *testing.T) {
	ctx := context.Background()
	o := pki.Options{Organisation: "Example Ltd", Register: pki.NewRegister()}
	one, err := pki.Create(rand.Reader, noon, o)
	if err != nil {
		t.Fatal(err)
	}
	copied := func(a *pki.Authority) *pki.Authority {
		stored, err := a.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := pki.Parse(stored, o)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	two := copied(one)
	old := one.Sealer()
	if err := one.Revoke(ctx, old.Certificate, pki.Superseded, noon); err != nil {
		t.Fatal(err)
	}
	if response(t, two, old).Status != ocsp.Revoked {
		t.Error("the other process calls a revoked certificate good")
	}
	if _, err := one.Renew(ctx, noon); err != nil {
		t.Fatal(err)
	}
	later := copied(one)
	if err := later.Heed(ctx); err != nil {
		t.Fatal(err)
	}
	two.Adopt(later)
	if !two.Sealer().Certificate.Equal(one.Sealer().Certificate) {
		t.Error("the other process does not seal with the successor")
	}
}

func TestASuccessorTakesOverWhenEveryProcessKnowsIt(t *testing.T) {
	now := noon
	a := authority(t, pki.Options{Organisation: "Example Ltd", Now: func() time.Time { return now }})
	old := a.Sealer()
	now = old.Certificate.NotAfter.AddDate(0, 0, -89)
	if made, err := a.Renew(context.Background(), now); !made || err != nil {
		t.Fatalf("no successor 89 days before the end: %v", err)
	}
	if !a.Sealer().Certificate.Equal(old.Certificate) {
		t.Error("the successor takes over at once")
	}
	now = now.Add(31 * time.Minute)
	if a.Sealer().Certificate.Equal(old.Certificate) {
		t.Error("the successor does not take over")
	}
	if response(t, a, old).Status != ocsp.Good {
		t.Error("the old certificate is not good any more")
	}
}

// Run it with the race detector.
func TestAnAuthorityIsSafeForManyAtOnce(t *testing.T) {
	ctx := context.Background()
	a := authority(t, pki.Options{Organisation: "Example Ltd"})
	handler := pki.Handler(slog.New(slog.DiscardHandler), a)
	later := authority(t, pki.Options{Organisation: "Example Ltd"})
	var group sync.WaitGroup
	for _, do := range []func(){
		func() { a.Adopt(later) },
		func() { a.Sealer(); a.Roots(); a.Endings() },
		func() { _, _ = a.IssueSigner(ctx, pki.Person{Name: "Ann"}, noon) },
		func() { h := a.TSA(); _, _, _ = a.Revocation(ctx, h.Certificate, h.Chain[0]) },
		func() {
			path := "/pki/" + pki.KeyID(a.Sealer().Chain[0]) + ".crl"
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
		},
		func() { _, _ = a.Renew(ctx, noon) },
	} {
		group.Go(func() {
			for range 20 {
				do()
			}
		})
	}
	group.Wait()
}
