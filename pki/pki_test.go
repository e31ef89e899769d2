package pki_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"chancery/pki"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func authority(t *testing.T, options pki.Options) *pki.Authority {
	t.Helper()
	a, err := pki.Create(rand.Reader, noon, options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEveryHolderLeadsToTheRootOfItsOwnAuthority(t *testing.T) {
	ours := authority(t, pki.Options{Organisation: "Müller & Söhne GmbH", Country: "DE"})
	theirs := authority(t, pki.Options{Sandbox: true})
	ann, err := ours.IssueSigner(context.Background(), pki.Person{Name: "Ann", Email: "ann@example.com", ID: "rcp_1"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]pki.Holder{"certifier": ours.Certifier(), "sealer": ours.Sealer(), "tsa": ours.TSA(), "ann": ann} {
		if err := leadsTo(h, ours.Roots()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if leadsTo(h, theirs.Roots()) == nil {
			t.Errorf("%s is trusted under the sandbox's root", name)
		}
	}
	if ours.Certifier().Certificate.Equal(ours.Sealer().Certificate) {
		t.Error("certification and seal share a certificate, which NSS refuses")
	}
}

func leadsTo(h pki.Holder, roots []*x509.Certificate) error {
	pool, between := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range roots {
		pool.AddCert(c)
	}
	for _, c := range h.Chain {
		between.AddCert(c)
	}
	_, err := h.Certificate.Verify(x509.VerifyOptions{
		Roots: pool, Intermediates: between, CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

func TestAnAuthorityIsTheSameAfterBeingStored(t *testing.T) {
	a := authority(t, pki.Options{Organisation: "Example Ltd"})
	stored, err := a.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	b, err := pki.Parse(stored, pki.Options{Organisation: "Example Ltd"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.Marshal()
	if err != nil || !bytes.Equal(stored, again) {
		t.Fatalf("the second writing differs (%v)", err)
	}
	h, err := b.IssueSigner(context.Background(), pki.Person{Name: "Bob"}, noon)
	if err != nil || leadsTo(h, a.Roots()) != nil {
		t.Fatalf("the stored authority issues nothing that its root knows: %v", err)
	}
}

func TestAStateOfTheOtherKindIsRefused(t *testing.T) {
	for _, stored := range []pki.Options{{Sandbox: true}, {Organisation: "Example Ltd"}} {
		state, err := authority(t, stored).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pki.Parse(state, pki.Options{Organisation: "Example Ltd", Sandbox: !stored.Sandbox}); err == nil {
			t.Errorf("sandbox and production are mixed: %+v", stored)
		}
	}
}

func TestAKeyThatBelongsToAnotherCertificateIsRefused(t *testing.T) {
	one, _ := authority(t, pki.Options{Organisation: "One"}).Marshal()
	two, _ := authority(t, pki.Options{Organisation: "Two"}).Marshal()
	var mixed []byte
	for name, data := range map[string][]byte{"CERTIFICATE": one, "PRIVATE KEY": two} {
		for b, rest := pem.Decode(data); b != nil; b, rest = pem.Decode(rest) {
			if b.Type == name {
				mixed = append(mixed, pem.EncodeToMemory(b)...)
			}
		}
	}
	for name, data := range map[string][]byte{"mixed": mixed, "empty": nil, "cut": one[:len(one)/2]} {
		if _, err := pki.Parse(data, pki.Options{Organisation: "One"}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// people have names and addresses of all kinds.
var people = []pki.Person{
	{Name: "Łukasz Żółć", Email: "l@example.pl", ID: "rcp_1"},
	{Name: "山田 太郎", Email: "太郎@example.jp", ID: "rcp_2"},
	{Name: "محمد", Email: "m@example.com"},
	{Name: strings.Repeat("Very long ", 40), Email: "v@example.com"},
	{Name: "broken\xff\x00\nname", Email: "b@example.com"},
	{Email: "only@example.com"},
	{},
}

func TestAnInternationalAddressIsWrittenAsItsStandardSays(t *testing.T) {
	a := authority(t, pki.Options{Sandbox: true})
	for address, want := range map[string]string{
		"ann@example.com": "ann@example.com", "ann@bücher.example": "ann@xn--bcher-kva.example", "太郎@例え.jp": "太郎@xn--r8jz45g.jp",
		"no address": "no address", "two@at@example.com": "two@at@example.com",
	} {
		h, err := a.IssueSigner(context.Background(), pki.Person{Name: "Ann", Email: address}, noon)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		plain := len(h.Certificate.EmailAddresses) == 1 && h.Certificate.EmailAddresses[0] == want
		if newer := bytes.Contains(h.Certificate.Raw, []byte(want)) && len(h.Certificate.EmailAddresses) == 0; plain == newer || newer != strings.Contains(want, "太") {
			t.Errorf("%s became %v", address, h.Certificate.EmailAddresses)
		}
	}
}

func TestAnyNameAndAddressGetsACertificate(t *testing.T) {
	a := authority(t, pki.Options{Sandbox: true})
	for _, p := range people {
		h, err := a.IssueSigner(context.Background(), p, noon)
		if err != nil {
			t.Errorf("%+v: %v", p, err)
			continue
		}
		c := h.Certificate
		if p.Name == "山田 太郎" && c.Subject.CommonName != p.Name {
			t.Errorf("the name became %q", c.Subject.CommonName)
		}
		if got := c.NotAfter.Sub(c.NotBefore); got > 25*time.Hour || c.NotBefore.After(noon.Add(-5*time.Minute)) {
			t.Errorf("valid for %s from %s", got, c.NotBefore)
		}
	}
}
