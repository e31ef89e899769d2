package trust_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"chancery/pades/trust"
)

// bureau is a folder in which OpenSSL answers for the issuing CA.
type bureau struct {
	t       *testing.T
	program string
	dir     string
}

func (o *office) bureau(t *testing.T, responder identity) bureau {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	b := bureau{t, program, t.TempDir()}
	b.person("ca", o.ca)
	b.person("responder", responder)
	b.write("crlnumber", []byte("01\n"))
	b.write("ca.cnf", []byte("[ca]\ndefault_ca=here\n[here]\ndatabase=index\ncrlnumber=crlnumber\ndefault_md=sha256\ndefault_crl_days=7\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid\n"))
	return b
}

func (b bureau) person(name string, who identity) {
	b.t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(who.key)
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(name+".pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: who.Raw}))
	b.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
}

func (b bureau) write(name string, data []byte) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// run lets OpenSSL write the file out, in DER, and reads it.
func (b bureau) run(args ...string) []byte {
	b.t.Helper()
	cmd := exec.Command(b.program, args...)
	cmd.Dir = b.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%v: %s", err, out)
	}
	data, err := os.ReadFile(filepath.Join(b.dir, "out"))
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

// evidence is OpenSSL's answer and its list about a certificate.
func (b bureau) evidence(who identity) (response, crl []byte) {
	b.t.Helper()
	b.person("who", who)
	response = b.run("ocsp", "-index", "index", "-CA", "ca.pem", "-issuer", "ca.pem", "-cert", "who.pem",
		"-rsigner", "responder.pem", "-rkey", "responder.key", "-ndays", "1", "-respout", "out", "-noverify")
	b.run("ca", "-config", "ca.cnf", "-gencrl", "-cert", "ca.pem", "-keyfile", "ca.key", "-out", "out")
	crl = b.run("crl", "-in", "out", "-outform", "DER", "-out", "out")
	return response, crl
}

func TestEvidenceMadeByOpenSSLIsJudged(t *testing.T) {
	o := newOffice(t)
	signer := o.issue(o.person("Signer"), &o.ca)
	b := o.bureau(t, o.issue(o.responder(noCheck), &o.ca))
	const stamp = "060102150405Z"
	revokedAt := o.now.Add(-time.Hour)
	for name, tt := range map[string]struct {
		line   string
		status trust.Status
		reason string
	}{
		"valid":   {fmt.Sprintf("V\t%s\t\t%X\tunknown\t/CN=Signer\n", signer.NotAfter.Format(stamp), signer.SerialNumber.Bytes()), trust.Good, ""},
		"revoked": {fmt.Sprintf("R\t%s\t%s,keyCompromise\t%X\tunknown\t/CN=Signer\n", signer.NotAfter.Format(stamp), revokedAt.Format(stamp), signer.SerialNumber.Bytes()), trust.Revoked, "keyCompromise"},
	} {
		b.write("index", []byte(tt.line))
		response, crl := b.evidence(signer)
		for from, evidence := range map[string]trust.Evidence{"ocsp": {OCSPs: [][]byte{response}}, "crl": {CRLs: [][]byte{crl}}} {
			r := o.judge(signer, o.now, evidence).Path[0].Revocation
			if r.Status != tt.status || r.Reason != tt.reason || r.From != from {
				t.Errorf("%s, %s: %+v", name, from, r)
			}
			if tt.status == trust.Revoked && !r.RevokedAt.Equal(revokedAt) {
				t.Errorf("%s, %s: revoked at %s", name, from, r.RevokedAt)
			}
		}
	}
}
