package tsp_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pades/tsp"
)

// openssl is a folder with the house's certificates, where OpenSSL works.
type openssl struct {
	t       *testing.T
	program string
	dir     string
}

func newOpenSSL(t *testing.T, h *house) openssl {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	o := openssl{t, program, t.TempDir()}
	key, err := x509.MarshalPKCS8PrivateKey(h.tsaKey)
	if err != nil {
		t.Fatal(err)
	}
	o.write("root.pem", armour("CERTIFICATE", h.root.Raw))
	o.write("ca.pem", armour("CERTIFICATE", h.ca.Raw))
	o.write("tsa.pem", armour("CERTIFICATE", h.tsa.Raw))
	o.write("tsa.key", armour("PRIVATE KEY", key))
	o.write("serial", []byte("01\n"))
	o.write("tsa.cnf", []byte(`
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ess_cert_id_alg = sha256
ess_cert_id_chain = no
`))
	return o
}

func armour(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func (o openssl) write(name string, data []byte) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), data, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o openssl) read(name string) []byte {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return data
}

func (o openssl) run(args ...string) (string, error) {
	cmd := exec.Command(o.program, args...)
	cmd.Dir = o.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (o openssl) must(args ...string) {
	o.t.Helper()
	if out, err := o.run(args...); err != nil {
		o.t.Fatalf("%v: %s", err, out)
	}
}

// today is a house whose clock is the machine's, since OpenSSL uses that.
func today(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.now = time.Now()
	h.root, h.rootKey = h.issue(t, h.caTemplate("Root"), nil, nil)
	h.ca, h.caKey = h.issue(t, h.caTemplate("Issuing CA"), h.root, h.rootKey)
	h.tsa, h.tsaKey = h.issue(t, h.tsaTemplate(true, x509.ExtKeyUsageTimeStamping), h.ca, h.caKey)
	return h
}

func TestOpenSSLAsksUsAndAcceptsTheAnswer(t *testing.T) {
	h := today(t)
	o := newOpenSSL(t, h)
	o.write("content", []byte("what is stamped"))
	for _, hash := range []string{"-sha256", "-sha384", "-sha512"} {
		o.must("ts", "-query", "-data", "content", hash, "-cert", "-out", "query")
		w := httptest.NewRecorder()
		h.authority(t).ServeHTTP(w, query(o.read("query")))
		o.write("reply", w.Body.Bytes())
		o.must("ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "root.pem")
		o.must("ts", "-verify", "-data", "content", "-in", "reply", "-CAfile", "root.pem")
	}
	o.must("ts", "-query", "-data", "content", "-md5", "-out", "query")
	w := httptest.NewRecorder()
	h.authority(t).ServeHTTP(w, query(o.read("query")))
	o.write("reply", w.Body.Bytes())
	if out, err := o.run("ts", "-reply", "-in", "reply", "-text"); err != nil || !strings.Contains(out, "Status: Rejected") || !strings.Contains(out, "unrecognized or unsupported algorithm") {
		t.Errorf("%v: %s", err, out)
	}
}

func TestOpenSSLAcceptsTokensMadeInProcess(t *testing.T) {
	h := today(t)
	o := newOpenSSL(t, h)
	token, err := h.authority(t).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	o.write("token", token)
	o.must("ts", "-verify", "-token_in", "-in", "token", "-digest", hex.EncodeToString(digestOf("x")), "-CAfile", "root.pem")
	if out, err := o.run("ts", "-verify", "-token_in", "-in", "token", "-digest", hex.EncodeToString(digestOf("y")), "-CAfile", "root.pem"); err == nil {
		t.Errorf("OpenSSL accepts it for another digest: %s", out)
	}
}

// openSSLServer is OpenSSL's authority behind HTTP.
func (o openssl) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.write("query", body)
	if out, err := o.run("ts", "-reply", "-config", "tsa.cnf", "-section", "here", "-queryfile", "query", "-out", "reply"); err != nil {
		http.Error(w, out, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(o.read("reply")) // the client may have had enough
}

func TestOurClientTakesTokensOfOpenSSL(t *testing.T) {
	h := today(t)
	o := newOpenSSL(t, h)
	url := serve(t, o)
	der, err := h.client(t, nil, url).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := tsp.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if token.Accuracy != 1500*time.Millisecond || !token.Policy.Equal(policy) || token.Serial.Cmp(big.NewInt(2)) < 0 || token.Hash != crypto.SHA256 {
		t.Errorf("%+v", token)
	}
	other := func(c *tsp.ClientOptions) { c.Servers[0].Policy = []int{1, 2, 3, 4} }
	if _, err := h.client(t, other, url).Timestamp(context.Background(), digestOf("x")); err == nil || !strings.Contains(err.Error(), "status 2: unacceptedPolicy") {
		t.Errorf("%v", err)
	}
}
