package tsp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"time"

	"chancery/pades/tsp"
)

// An authority opened on one machine, asked over HTTP from another, and the token
// held against what was stamped.
func Example() {
	certificate, key := timestampingCertificate()
	authority, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: certificate, Key: key, Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Now: time.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	server := httptest.NewServer(authority)
	defer server.Close()

	client, err := tsp.NewClient(tsp.ClientOptions{
		Servers: []tsp.Server{{URL: server.URL}},
		HTTP:    http.DefaultClient,
		Roots:   []*x509.Certificate{certificate},
		Now:     time.Now,
	})
	if err != nil {
		log.Fatal(err)
	}
	digest := sha256.Sum256([]byte("the minutes of the meeting"))
	der, err := client.Timestamp(context.Background(), digest[:])
	if err != nil {
		log.Fatal(err)
	}

	token, err := tsp.Parse(der)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Certificate.Subject.CommonName, token.Policy, token.Check(digest[:]))
	// Output: Town clock 1.3.6.1.4.1.99999.1 <nil>
}

// timestampingCertificate is its own root, which is enough for an example.
func timestampingCertificate() (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	purpose, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Town clock"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage:        x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: purpose}},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		log.Fatal(err)
	}
	return certificate, key
}
