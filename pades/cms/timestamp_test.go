package cms_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os/exec"
	"testing"

	"chancery/pades/cms"
)

func stamped(t testing.TB, s signer) (container, token []byte) {
	t.Helper()
	container = signed(t, s)
	value, err := cms.SignatureValue(container)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256(value)
	if token, err = s.authority(t).Timestamp(context.Background(), digest[:]); err != nil {
		t.Fatal(err)
	}
	if container, err = cms.AddTimestamp(container, token); err != nil {
		t.Fatal(err)
	}
	return container, token
}

func TestATimestampIsAddedAndNothingElseChanges(t *testing.T) {
	s := newSigner(t)
	with, token := stamped(t, s)
	c := check(t, with)
	if len(c.Timestamps) != 1 || !bytes.Equal(c.Timestamps[0], token) {
		t.Fatalf("%d time-stamps came back", len(c.Timestamps))
	}
	twice, err := cms.AddTimestamp(append(with, 0, 0, 0), token) // with the padding of /Contents
	if err != nil {
		t.Fatal(err)
	}
	again := check(t, twice)
	if len(again.Timestamps) != 2 || !bytes.Equal(again.Value, c.Value) {
		t.Fatalf("%d time-stamps after the second", len(again.Timestamps))
	}
}

func TestOpenSSLAcceptsTheContainerWithItsTimestamp(t *testing.T) {
	s := newSigner(t)
	with, _ := stamped(t, s)
	opensslAccepts(t, with, s.root)
}

func TestWhatIsNoTimestampIsNotAdded(t *testing.T) {
	s := newSigner(t)
	container, token := stamped(t, s)
	for name, tt := range map[string]struct{ container, token []byte }{
		"another signature":   {container, container},
		"nothing":             {container, nil},
		"random bytes":        {container, []byte("time")},
		"half a token":        {container, token[:len(token)/2]},
		"to something else":   {[]byte("hello"), token},
		"to half a container": {container[:100], token},
	} {
		if _, err := cms.AddTimestamp(tt.container, tt.token); err == nil {
			t.Errorf("%s: added", name)
		}
	}
}

func TestTheRoomCountsTheTimestamp(t *testing.T) {
	s := newSigner(t)
	_, token := stamped(t, s)
	room, err := cms.Room(s.certificate, s.chain, len(token))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		// The token's own ECDSA value differs in length, too.
		with, used := stamped(t, s)
		if n := len(with) + len(token) - len(used); n > room || n < room-16 {
			t.Fatalf("%d bytes in room for %d", n, room)
		}
	}
}

func opensslAccepts(t *testing.T, container []byte, root []byte, more ...string) {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	dir := files(t, map[string][]byte{"content": content, "container": container, "root": root})
	args := append([]string{"cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "container", "-content", "content", "-CAfile", "root", "-out", "out"}, more...)
	cmd := exec.Command(openssl, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
