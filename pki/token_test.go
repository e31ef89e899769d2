//go:build pkcs11

package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pki"
)

const softHSM = "/usr/lib/softhsm/libsofthsm2.so"

// token is a new SoftHSM with the key in it; it returns the key's address.
func token(t *testing.T, key string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", write("softhsm2.conf", "directories.tokendir = "+filepath.Join(dir, "tokens")+"\nlog.level = ERROR\n"))
	for _, args := range [][]string{
		{"--init-token", "--free", "--label", "hub", "--so-pin", "87654321", "--pin", "12345678"},
		{"--import", key, "--token", "hub", "--label", "the seal", "--id", "a1", "--pin", "12345678"},
	} {
		if out, err := exec.Command("softhsm2-util", args...).CombinedOutput(); err != nil {
			t.Fatalf("softhsm2-util %v: %v: %s", args, err, out)
		}
	}
	return fmt.Sprintf("pkcs11:token=hub;object=the%%20seal?module-path=%s&pin-source=file:%s", softHSM, write("pin", "12345678\n"))
}

func TestAHubSealsWithAKeyInAToken(t *testing.T) {
	c := ceremony(t)
	name, err := c.Issue(pki.Order{Role: pki.Sealer})
	if err != nil {
		t.Fatal(err)
	}
	address := token(t, name+".key")
	if err := os.WriteFile(name+".key", []byte(address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the folder is read again and again
		h := hubOf(t, c).Sealer()
		digest := sha256.Sum256([]byte("a document"))
		signature, err := h.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil || !ecdsa.VerifyASN1(h.Certificate.PublicKey.(*ecdsa.PublicKey), digest[:], signature) {
			t.Fatalf("the token's signature does not hold: %v", err)
		}
	}
	bundle, err := pki.ReadBundle(name+".pem", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := pki.Import(other, pki.Sealer, bundle, time.Now()); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(filepath.Join(other, "seal.key")); err != nil || !bytes.Equal(kept, []byte(address)) {
		t.Errorf("kept %q: %v", kept, err)
	}
	for what, wrong := range map[string]string{
		"no such key": strings.Replace(address, "the%20seal", "nothing", 1), "no module": "pkcs11:token=hub;object=x", "no hex": strings.Replace(address, "%20", "%2", 1),
	} {
		if _, err := pki.ReadBundle(name+".pem", wrong, nil); err == nil || strings.Contains(err.Error(), "12345678") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
