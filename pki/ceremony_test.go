package pki_test

import (
	"crypto/rand"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"chancery/pki"
	"chancery/problem"
)

const passphrase = "correct horse battery"

// ceremony is a new CA in a folder of the test's own.
func ceremony(t *testing.T) pki.Ceremony {
	t.Helper()
	c := pki.Ceremony{Path: filepath.Join(t.TempDir(), "ca"), Now: time.Now}
	o := pki.Options{Organisation: "Müller & Söhne GmbH", Country: "DE", URL: "http://sign.example.com"}
	if err := c.Init(o, passphrase); err != nil {
		t.Fatal(err)
	}
	return c
}

// hubOf is what a hub makes of the folder it is given.
func hubOf(t *testing.T, c pki.Ceremony) *pki.Authority {
	t.Helper()
	f, err := pki.OpenFolder(c.HubFolder())
	if err != nil {
		t.Fatal(err)
	}
	a, err := pki.Create(rand.Reader, time.Now(), pki.Options{Organisation: "Müller & Söhne GmbH", Country: "DE", URL: "http://sign.example.com", Folder: f})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAHubSignsBelowARootThatIsKeptApart(t *testing.T) {
	c := ceremony(t)
	if err := os.Rename(filepath.Join(c.Path, "root.p12"), filepath.Join(t.TempDir(), "safe")); err != nil {
		t.Fatal(err)
	}
	a := hubOf(t, c)
	root := read(t, filepath.Join(c.Path, "root.pem"))[0]
	if roots := a.Roots(); len(roots) != 1 || !roots[0].Equal(root) {
		t.Fatalf("the hub's roots are %v", roots)
	}
	for name, h := range map[string]pki.Holder{"certifier": a.Certifier(), "sealer": a.Sealer(), "tsa": a.TSA()} {
		if err := valid(h, root); err != nil || response(t, a, h).Status != ocsp.Good {
			t.Errorf("%s: %v", name, err)
		}
	}
	if crl := list(t, a, a.Sealer().Chain[0], root); !crl.NextUpdate.After(time.Now().AddDate(0, 5, 0)) {
		t.Errorf("the root's list ends on %s", crl.NextUpdate)
	}
	if _, err := c.IssueCA(passphrase); !problem.Has(err, "root_away") {
		t.Errorf("a CA is issued without the root: %v", err)
	}
	if err := a.Revoke(t.Context(), a.Sealer().Chain[0], pki.CACompromise, time.Now()); !problem.Has(err, "root_away") {
		t.Errorf("the hub revokes its own CA, and nobody could sign the list: %v", err)
	}
	if _, err := c.Issue(pki.Order{Role: pki.Sealer}); err != nil {
		t.Error(err)
	}
}

func TestTheStateOfAHubHoldsNoKeyOfACeremony(t *testing.T) {
	c := ceremony(t)
	a := hubOf(t, c)
	stored, err := a.Marshal()
	if err != nil || strings.Contains(string(stored), "Role: root") || strings.Contains(string(stored), "Role: issuing") {
		t.Fatalf("%v: %s", err, stored)
	}
	f, err := pki.OpenFolder(c.HubFolder())
	if err != nil {
		t.Fatal(err)
	}
	o := pki.Options{Organisation: "Müller & Söhne GmbH", Folder: f}
	again, err := pki.Parse(stored, o)
	if err != nil || !again.Sealer().Certificate.Equal(a.Sealer().Certificate) {
		t.Error(err)
	}
	if o.Folder = nil; err == nil {
		_, err = pki.Parse(stored, o)
	}
	if err == nil {
		t.Error("without the folder the hub signs with half an authority")
	}
}

func valid(h pki.Holder, root *x509.Certificate) error {
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	pool.AddCert(root)
	for _, c := range h.Chain {
		between.AddCert(c)
	}
	_, err := h.Certificate.Verify(x509.VerifyOptions{Roots: pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	return err
}

func read(t *testing.T, path string) []*x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pki.Certificates(data)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatACeremonyRevokesTheHubTells(t *testing.T) {
	c := ceremony(t)
	name, err := c.Issue(pki.Order{Role: pki.Sealer})
	if err != nil {
		t.Fatal(err)
	}
	chain := read(t, name+".pem")
	a := hubOf(t, c)
	if !a.Sealer().Certificate.Equal(chain[0]) {
		t.Error("the hub does not seal with the certificate that was issued for it")
	}
	if err := c.Revoke(chain[0], pki.KeyCompromise); err != nil {
		t.Fatal(err)
	}
	a = hubOf(t, c)
	if a.Sealer().Certificate.Equal(chain[0]) {
		t.Error("the hub seals with a certificate that was revoked")
	}
	if r := response(t, a, pki.Holder{Certificate: chain[0], Chain: chain[1:]}); r.Status != ocsp.Revoked {
		t.Errorf("%+v", r)
	}
	files, err := c.Lists(passphrase)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v: %v", files, err)
	}
	der, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil || crl.CheckSignatureFrom(chain[1]) != nil || len(crl.RevokedCertificateEntries) != 1 {
		t.Errorf("%+v: %v", crl, err)
	}
	stranger := authority(t, pki.Options{Organisation: "Stranger"}).Sealer()
	if c.Revoke(stranger.Certificate, pki.Superseded) == nil {
		t.Error("another CA's certificate was revoked")
	}
}

func TestACeremonyOverwritesNothing(t *testing.T) {
	c := ceremony(t)
	before := snapshot(t, c.Path)
	o := pki.Options{Organisation: "Another"}
	if err := c.Init(o, passphrase); !problem.Has(err, "file_exists") {
		t.Errorf("a second root: %v", err)
	}
	if err := c.Init(o, "short"); !problem.Has(err, "passphrase_short") {
		t.Errorf("a short passphrase: %v", err)
	}
	for path, data := range snapshot(t, c.Path) {
		if before[path] != data {
			t.Errorf("%s was changed", path)
		}
	}
	if _, err := c.Issue(pki.Order{Role: pki.TSA}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Issue(pki.Order{Role: pki.TSA}); !problem.Has(err, "file_exists") {
		t.Errorf("a second TSA: %v", err)
	}
	if _, err := c.IssueCA("correct horse batteri"); !problem.Has(err, "passphrase_wrong") {
		t.Errorf("a wrong passphrase: %v", err)
	}
	name, err := c.IssueCA(passphrase)
	if err != nil || filepath.Base(name) != "issuing-2" {
		t.Fatalf("%s: %v", name, err)
	}
	if h := hubOf(t, c).Certifier(); !h.Chain[0].Equal(read(t, name+".pem")[0]) {
		t.Error("the hub does not go over to the new issuing CA")
	}
}

func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSecretFilesAreTheOwnersAlone(t *testing.T) {
	c := ceremony(t)
	for path := range snapshot(t, c.Path) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if ending := filepath.Ext(path); (ending == ".key" || ending == ".p12") && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %s", path, info.Mode())
		}
	}
}
