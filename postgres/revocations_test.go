package postgres_test

import (
	"bytes"
	"errors"
	"math/big"
	"testing"
	"time"

	"chancery/pki"
	"chancery/postgres/postgrestest"
)

func TestTheFirstRevocationOfACertificateStands(t *testing.T) {
	s := postgrestest.Store(t)
	serial := new(big.Int).Lsh(big.NewInt(3), 126)
	must(t, s.Revoke(ctx, pki.Revocation{Issuer: "ca", Serial: serial, At: noon, Reason: pki.KeyCompromise}))
	must(t, s.Revoke(ctx, pki.Revocation{Issuer: "ca", Serial: serial, At: noon.Add(time.Hour), Reason: pki.Superseded}))
	must(t, s.Revoke(ctx, pki.Revocation{Issuer: "other", Serial: serial, At: noon.Add(time.Hour)}))
	all, err := s.Revocations(ctx)
	must(t, err)
	if len(all) != 2 || all[0].Reason != pki.KeyCompromise || !all[0].At.Equal(noon) || all[0].Serial.Cmp(serial) != 0 || all[1].Issuer != "other" {
		t.Errorf("%+v", all)
	}
}

func TestProcessesThatMakeListsAtOnceNeverShareANumber(t *testing.T) {
	s := postgrestest.Store(t)
	numbers := make([]*big.Int, 20)
	for _, err := range atOnce(len(numbers), func(i int) (err error) {
		numbers[i], err = s.NextCRL(ctx, "ca", noon)
		return err
	}) {
		must(t, err)
	}
	seen := map[string]bool{}
	for _, n := range numbers {
		if seen[n.String()] || n.Int64() < noon.Unix() {
			t.Errorf("%s, at %d", n, noon.Unix())
		}
		seen[n.String()] = true
	}
	later, err := s.NextCRL(ctx, "ca", noon.Add(time.Hour))
	must(t, err)
	if later.Int64() != noon.Add(time.Hour).Unix() {
		t.Errorf("an hour later: %s", later)
	}
}

func TestASecretIsAmendedByOneAtATime(t *testing.T) {
	s := postgrestest.Store(t)
	_, err := s.Secret(ctx, "tally", func() ([]byte, error) { return nil, nil })
	must(t, err)
	for _, err := range atOnce(10, func(int) error {
		_, err := s.AmendSecret(ctx, "tally", func(old []byte) ([]byte, error) { return append(bytes.Clone(old), '|'), nil })
		return err
	}) {
		must(t, err)
	}
	_, err = s.AmendSecret(ctx, "tally", func([]byte) ([]byte, error) { return nil, errors.New("no") })
	if err == nil {
		t.Error("a change that failed was kept")
	}
	tally, err := s.Secret(ctx, "tally", nil)
	must(t, err)
	if string(tally) != "||||||||||" {
		t.Errorf("%s", tally)
	}
	if _, err := s.AmendSecret(ctx, "missing", func(old []byte) ([]byte, error) { return old, nil }); err == nil {
		t.Error("a secret that is not there was amended")
	}
}
