package hub

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"testing"
	"time"

	"chancery/pki"
)

// safe keeps secrets in memory.
type safe map[string][]byte

func (s safe) Secret(_ context.Context, name string, create func() ([]byte, error)) ([]byte, error) {
	if kept, ok := s[name]; ok {
		return kept, nil
	}
	made, err := create()
	if err == nil {
		s[name] = made
	}
	return made, err
}

func (s safe) AmendSecret(_ context.Context, name string, amend func([]byte) ([]byte, error)) ([]byte, error) {
	made, err := amend(s[name])
	if err == nil {
		s[name] = made
	}
	return made, err
}

func TestAHubOfTheReleaseBeforeKeepsItsKeysAndGetsATSA(t *testing.T) {
	o := pki.Options{Organisation: "Example Ltd"}
	s := safe{}
	old := firstRelease(t, o)
	s["authority/production"] = old
	a, err := openAuthority(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(s["authority/production"], old) {
		t.Error("the first form was changed, which older programs still read")
	}
	if !bytes.HasPrefix(s["authority/production/2"], old) {
		t.Error("the old keys are not in the new form")
	}
	if tsa := a.TSA(); tsa.Certificate == nil || tsa.Certificate.CheckSignatureFrom(a.Sealer().Chain[0]) != nil {
		t.Error("there is no TSA of the old issuing CA")
	}
	again, err := openAuthority(t.Context(), s, o)
	if err != nil || !again.TSA().Certificate.Equal(a.TSA().Certificate) {
		t.Errorf("the second start makes another TSA: %v", err)
	}
}

// firstRelease is an authority as the first release stored it.
func firstRelease(t *testing.T, o pki.Options) []byte {
	t.Helper()
	a, err := pki.Create(rand.Reader, time.Now(), o)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var old []byte
	for block, rest := pem.Decode(stored); block != nil; block, rest = pem.Decode(rest) {
		switch block.Headers["Role"] {
		case "root", "issuing", "certifier", "sealer":
			old = append(old, pem.EncodeToMemory(block)...)
		}
	}
	return old
}

func TestSandboxAndProductionAreNeverMixed(t *testing.T) {
	s := safe{}
	if _, err := openAuthority(t.Context(), s, pki.Options{Organisation: "Example Ltd"}); err != nil {
		t.Fatal(err)
	}
	s["authority/sandbox/2"] = s["authority/production/2"]
	if _, err := openAuthority(t.Context(), s, pki.Options{Organisation: "Example Ltd", Sandbox: true}); err == nil {
		t.Error("a sandbox signs with production's keys")
	}
}
