package hub

import (
	"crypto/x509"
	"encoding/base64"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pki"
	"chancery/postgres"
	"chancery/postgres/postgrestest"
)

// process is one of several that share a database; it has authorities and nothing else.
func process(t *testing.T, store *postgres.Store, c Config) *Hub {
	t.Helper()
	c.Organisation, c.PublicURL, c.Log = "Example Ltd", "http://127.0.0.1", slog.New(slog.DiscardHandler)
	p, err := openPapers(t.Context(), store, nil, c)
	if err != nil {
		t.Fatal(err)
	}
	return &Hub{Store: store, config: c, papers: p}
}

func (h *Hub) seal(kind string) pki.Holder { return h.houses()[kind].Authority.Sealer() }

func TestARevokedSealIsReplacedInEveryProcess(t *testing.T) {
	store := postgrestest.Store(t)
	one, two := process(t, store, Config{}), process(t, store, Config{})
	old, sandbox := one.seal("production"), one.seal("sandbox")
	if !old.Certificate.Equal(two.seal("production").Certificate) {
		t.Fatal("two processes made an authority each")
	}
	if err := one.RevokeCertificate(t.Context(), "production", pki.Sealer, pki.KeyCompromise); err != nil {
		t.Fatal(err)
	}
	if err := two.refreshAuthorities(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, h := range []*Hub{one, two, process(t, store, Config{})} {
		if h.seal("production").Certificate.Equal(old.Certificate) || !h.seal("production").Certificate.Equal(one.seal("production").Certificate) {
			t.Error("a process does not seal with the one successor")
		}
		if !h.seal("sandbox").Certificate.Equal(sandbox.Certificate) {
			t.Error("the sandbox's seal was replaced")
		}
		if status(t, h, old) != ocsp.Revoked {
			t.Error("a process calls the revoked seal good")
		}
	}
	if err := one.RevokeCertificate(t.Context(), "production", pki.Root, pki.KeyCompromise); err == nil {
		t.Error("a root was revoked")
	}
}

// status asks over HTTP, as a validator does.
func status(t *testing.T, h *Hub, of pki.Holder) int {
	t.Helper()
	query, err := ocsp.CreateRequest(of.Certificate, of.Chain[0], nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(checkedFirst(pki.Handler(h.config.Log, h.papers.Sandbox.Authority, h.papers.Production.Authority), http.NotFoundHandler()))
	defer server.Close()
	reply, err := http.Post(server.URL+"/pki/ocsp", "application/ocsp-request", strings.NewReader(string(query)))
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ocsp.ParseResponseForCert(body, of.Certificate, of.Chain[0])
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status
}

func TestAQuestionWithTwoSlashesInARowIsAnswered(t *testing.T) {
	h := process(t, postgrestest.Store(t), Config{})
	issuing := h.seal("production").Chain[0]
	server := httptest.NewServer(checkedFirst(pki.Handler(h.config.Log, h.papers.Production.Authority), http.NewServeMux()))
	defer server.Close()
	for serial := range int64(100_000) {
		query, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: big.NewInt(serial)}, issuing, nil)
		if err != nil {
			t.Fatal(err)
		}
		text := base64.StdEncoding.EncodeToString(query)
		if !strings.Contains(text, "//") {
			continue
		}
		for _, path := range []string{text, url.QueryEscape(text)} {
			reply, err := http.Get(server.URL + "/pki/ocsp/" + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(reply.Body)
			if err != nil {
				t.Fatal(err)
			}
			reply.Body.Close()
			if answer, err := ocsp.ParseResponse(body, issuing); err != nil || answer.Status != ocsp.Unknown {
				t.Errorf("%s: %s, %v", path, reply.Status, err)
			}
		}
		return
	}
	t.Fatal("no question has two slashes in a row")
}

func TestACertificateInTheFolderIsUsedWithoutARestart(t *testing.T) {
	folder := t.TempDir()
	h := process(t, postgrestest.Store(t), Config{PKIDir: folder})
	own := h.seal("production")
	c := pki.Ceremony{Path: filepath.Join(t.TempDir(), "ca"), Now: time.Now}
	if err := c.Init(pki.Options{Organisation: "Commercial CA"}, "correct horse battery"); err != nil {
		t.Fatal(err)
	}
	name, err := c.Issue(pki.Order{Role: pki.Sealer})
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := pki.ReadBundle(name+".pem", name+".key", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := pki.Import(folder, pki.Sealer, bundle, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := h.refreshAuthorities(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !h.seal("production").Certificate.Equal(bundle.Certificate) || own.Certificate.Equal(bundle.Certificate) {
		t.Error("the hub does not seal with the certificate in the folder")
	}
	if h.seal("sandbox").Certificate.Equal(bundle.Certificate) {
		t.Error("the sandbox seals with it, too")
	}
	if err := os.WriteFile(filepath.Join(folder, "tsa.pem"), []byte("not a certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.refreshAuthorities(t.Context()); err == nil {
		t.Error("a broken folder is passed over in silence")
	}
	if !h.seal("production").Certificate.Equal(bundle.Certificate) {
		t.Error("a broken folder changes what the hub seals with")
	}
}
