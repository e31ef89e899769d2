package pki_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pki"
	"chancery/problem"
)

func TestOpenSSLOpensTheRootAndAsksForCertificates(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	c := ceremony(t)
	run := func(args ...string) string {
		cmd := exec.Command(openssl, args...)
		cmd.Dir = c.Path
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
		return string(out)
	}
	if said := run("pkcs12", "-in", "root.p12", "-passin", "pass:"+passphrase, "-nodes"); !strings.Contains(said, "BEGIN PRIVATE KEY") {
		t.Errorf("the root's key does not open: %s", said)
	}
	run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "ann.key", "-subj", "/CN=Ann Lee", "-addext", "subjectAltName=email:ann@example.com", "-out", "ann.csr")
	name, err := c.Issue(pki.Order{Request: filepath.Join(c.Path, "ann.csr"), Out: filepath.Join(c.Path, "ann-cert")})
	if err != nil {
		t.Fatal(err)
	}
	ann := read(t, name+".pem")[0]
	if ann.Subject.CommonName != "Ann Lee" || len(ann.EmailAddresses) != 1 || ann.EmailAddresses[0] != "ann@example.com" {
		t.Errorf("the certificate is of %s %v", ann.Subject, ann.EmailAddresses)
	}
	if _, err := os.Stat(name + ".key"); err == nil {
		t.Error("a key was made where one was brought")
	}
	run("verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "hub/issuing.pem", "ann-cert.pem")
	if said := run("crl", "-in", "hub/root.crl", "-inform", "DER", "-CAfile", "root.pem", "-noout", "-text"); !strings.Contains(said, "verify OK") {
		t.Errorf("the root's list: %s", said)
	}
	weak := filepath.Join(c.Path, "weak.csr")
	run("req", "-new", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key", "-subj", "/CN=Weak", "-out", "weak.csr")
	if _, err := c.Issue(pki.Order{Request: weak, Out: filepath.Join(c.Path, "weak-cert")}); !problem.Has(err, "key_weak") {
		t.Errorf("a weak key: %v", err)
	}
}

func TestOpenSSLAsksWithANonce(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	o := newOffice(t)
	h := o.Sealer()
	dir := t.TempDir()
	for name, c := range map[string]*x509.Certificate{"leaf": h.Certificate, "tsa": o.TSA().Certificate, "issuing": h.Chain[0], "root": h.Chain[1]} {
		data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(openssl, "ocsp", "-issuer", "issuing", "-cert", "leaf", "-cert", "tsa", "-url", o.url+"/pki/ocsp", "-nonce",
		"-CAfile", "root", "-verify_other", "issuing")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	said := string(out)
	if err != nil || !strings.Contains(said, "Response verify OK") || !strings.Contains(said, "leaf: good") || !strings.Contains(said, "tsa: good") || strings.Contains(said, "WARNING") {
		t.Fatalf("%v: %s", err, said)
	}
}

func TestOpenSSLAcceptsAPersonsCertificate(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	a, err := pki.Create(rand.Reader, time.Now(), pki.Options{Organisation: "Example Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	h, err := a.IssueSigner(context.Background(), pki.Person{Name: "山田 太郎", Email: "太郎@example.jp", ID: "rcp_2"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, c := range map[string]*x509.Certificate{"leaf": h.Certificate, "issuing": h.Chain[0], "root": h.Chain[1]} {
		data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(openssl, "verify", "-x509_strict", "-CAfile", "root", "-untrusted", "issuing", "leaf")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
