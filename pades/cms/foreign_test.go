package cms_test

import (
	"bytes"
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"chancery/pades/cms"
)

// openssl lets OpenSSL sign the content and gives the container.
func openssl(t *testing.T, s signer, args ...string) []byte {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return opensslWith(t, s, key, args...)
}

func opensslWith(t *testing.T, s signer, key []byte, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 1 case: openssl is not installed")
	}
	dir := files(t, map[string][]byte{"content": content, "cert": certPEM(s), "key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})})
	cmd := exec.Command(program, append([]string{
		"cms", "-sign", "-binary", "-in", "content", "-signer", "cert", "-inkey", "key", "-outform", "DER", "-out", "container",
	}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	der, err := os.ReadFile(filepath.Join(dir, "container"))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func certPEM(s signer) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.certificate.Raw})
}

func keyPEM(t *testing.T, s signer) []byte {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
}

func TestContainersOfOpenSSLAreRead(t *testing.T) {
	ec, rsa := newSigner(t), signerWith(t, rsaKey(t))
	p384, p521 := signerWith(t, ecdsaKey(t, elliptic.P384())), signerWith(t, ecdsaKey(t, elliptic.P521()))
	for name, tt := range map[string]struct {
		by    signer
		args  string
		hash  crypto.Hash
		weak  bool
		bound bool
		whole bool // the content is inside
	}{
		"detached":                {by: ec, hash: crypto.SHA256},
		"CAdES":                   {by: ec, args: "-cades", hash: crypto.SHA256, bound: true},
		"CAdES with version 1":    {by: ec, args: "-cades -md sha1", hash: crypto.SHA1, weak: true, bound: true},
		"by the key's identifier": {by: ec, args: "-keyid", hash: crypto.SHA256},
		"P-384 with SHA-384":      {by: p384, args: "-md sha384", hash: crypto.SHA384},
		"P-521 with SHA-512":      {by: p521, args: "-md sha512", hash: crypto.SHA512},
		"RSA with SHA-512":        {by: rsa, args: "-md sha512", hash: crypto.SHA512},
		"PSS":                     {by: rsa, args: "-keyopt rsa_padding_mode:pss", hash: crypto.SHA256},
		"PSS with a short salt":   {by: rsa, args: "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:8 -md sha384", hash: crypto.SHA384},
		"SHA-1":                   {by: rsa, args: "-md sha1", hash: crypto.SHA1, weak: true},
		"no signed attributes":    {by: ec, args: "-noattr", hash: crypto.SHA256},
		"the content inside":      {by: ec, args: "-nodetach", hash: crypto.SHA256, whole: true},
		"in BER":                  {by: ec, args: "-nodetach -stream", hash: crypto.SHA256, whole: true},
		"inside, no attributes":   {by: rsa, args: "-nodetach -noattr", hash: crypto.SHA256, whole: true},
	} {
		c, err := cms.Parse(openssl(t, tt.by, strings.Fields(tt.args)...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.Matches(sum(tt.hash, content)) == tt.whole || c.Matches(sum(tt.hash, []byte("other"))) || tt.whole && !bytes.Equal(c.Content, content) {
			t.Errorf("%s: matches %v, content %q", name, c.Matches(sum(tt.hash, content)), c.Content)
		}
		if c.Hash != tt.hash || c.Weak() != tt.weak || c.BoundToCertificate != tt.bound || !c.Signer.Equal(tt.by.certificate) {
			t.Errorf("%s: %+v", name, c)
		}
		if signed := !strings.Contains(tt.args, "-noattr"); c.HasSigningTime != signed || c.SigningTime.IsZero() == signed {
			t.Errorf("%s: signing time %v", name, c.SigningTime)
		}
	}
}

// The library makes no such keys, and OpenSSL does.
func TestAKeyWithALargeExponentIsChecked(t *testing.T) {
	program, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("skipped 8 cases: openssl is not installed")
	}
	for _, bits := range []string{"2048", "2049"} { // the encoded message of PSS differs in length
		file := filepath.Join(t.TempDir(), "key")
		if out, err := exec.Command(program, "genpkey", "-algorithm", "RSA", "-out", file, "-outform", "DER",
			"-pkeyopt", "rsa_keygen_bits:"+bits, "-pkeyopt", "rsa_keygen_pubexp:1099511627791").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		key, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, args := range []string{"", "-md sha512", "-keyopt rsa_padding_mode:pss", "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:0 -md sha384"} {
			c, err := cms.Parse(opensslWith(t, signerOf(t, publicOf(t, program, file)), key, strings.Fields(args)...))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Check(); err != nil {
				t.Errorf("%s %s: %v", bits, args, err)
			}
			for _, at := range []int{0, 100, len(c.Value) - 1} {
				c.Value[at] ^= 1
				if c.Check() == nil {
					t.Errorf("%s %s: holds with byte %d changed", bits, args, at)
				}
				c.Value[at] ^= 1
			}
		}
	}
}

func publicOf(t *testing.T, openssl, key string) any {
	t.Helper()
	out, err := exec.Command(openssl, "pkey", "-in", key, "-inform", "DER", "-pubout", "-outform", "DER").Output()
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.ParsePKIXPublicKey(out)
	if err != nil {
		t.Fatal(err)
	}
	return public
}

func TestMD5IsRefused(t *testing.T) {
	if _, err := cms.Parse(openssl(t, signerWith(t, rsaKey(t)), "-md", "md5")); err == nil || !strings.Contains(err.Error(), "not accepted") {
		t.Errorf("%v", err)
	}
}

func TestAContainerOfTwoSignersIsRefused(t *testing.T) {
	one, two := newSigner(t), newSigner(t)
	more := files(t, map[string][]byte{"cert2": certPEM(two), "key2": keyPEM(t, two)})
	der := openssl(t, one, "-signer", filepath.Join(more, "cert2"), "-inkey", filepath.Join(more, "key2"))
	if _, err := cms.Parse(der); err == nil || !strings.Contains(err.Error(), "2 signers") {
		t.Errorf("%v", err)
	}
}

func TestContentInsideIsPartOfTheCheck(t *testing.T) {
	for _, args := range []string{"-nodetach", "-nodetach -noattr"} {
		der := openssl(t, newSigner(t), strings.Fields(args)...)
		c, err := cms.Parse(bytes.Replace(der, content, bytes.ToUpper(content), 1))
		if err != nil {
			t.Fatal(err)
		}
		if c.Check() == nil {
			t.Errorf("%s: the content was changed and it holds", args)
		}
	}
}

func TestBytesBehindTheContainerAreTold(t *testing.T) {
	der := signed(t, newSigner(t))
	for behind, want := range map[string]int{"": 0, "\x00\x00": 0, "\x00x\x00": 2} {
		c, err := cms.Parse(append(bytes.Clone(der), behind...))
		if err != nil || c.Behind != want {
			t.Errorf("%q: %+v %v", behind, c, err)
		}
	}
}

func TestACertificateWithANegativeSerialNumberIsRead(t *testing.T) {
	s := newSigner(t)
	negative := bytes.Clone(s.certificate.Raw)
	at := bytes.Index(negative, s.certificate.SerialNumber.Bytes())
	negative[at] |= 0x80
	if _, err := x509.ParseCertificate(negative); err == nil {
		t.Fatal("the library reads it by itself")
	}
	c, err := cms.ParseCertificate(negative)
	if err != nil || c.SerialNumber.Sign() >= 0 || !bytes.Equal(c.Raw, negative) || !bytes.Contains(negative, c.RawTBSCertificate) {
		t.Fatalf("%+v %v", c, err)
	}
	if c.CheckSignatureFrom(s.chain[0]) == nil {
		t.Error("the signature holds over bytes that were not signed")
	}
	if _, err := cms.ParseCertificate(negative[:50]); err == nil {
		t.Error("half a certificate is read")
	}
}
