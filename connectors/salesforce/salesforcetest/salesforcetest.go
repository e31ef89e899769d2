// Package salesforcetest is an org of Salesforce on this machine: the REST API, the
// OAuth endpoints, files, Outbound Messages, Change Data Capture and platform events
// over the Pub/Sub API, and all that can go wrong with them.
//
// It keeps to the shapes of the real thing: status codes, the two forms of errors,
// headers, 15 and 18 character ids, the schema of change events. The public clients
// jsforce and salesforce-pubsub-api-client work with it unchanged, and a test of the
// package above compares what they see with what our own client sees.
//
// Start begins one with a few records in it. Faults make it misbehave; without them
// it does the same thing every time.
package salesforcetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"chancery/connectors/salesforce/pubsub"
)

// Options of an org. The zero value is good.
type Options struct {
	Now       func() time.Time // time.Now unless set; an org counts whole seconds
	TLS       bool             // the REST API too; the Pub/Sub API always speaks TLS
	BatchSize int              // records in one answer of a query, 2,000 unless set
	KeepAlive time.Duration    // between signs of life in a quiet subscription; 270 s unless set
	Retry     time.Duration    // before an Outbound Message is sent again, doubled each time; 1 s unless set
	Calls     int              // API calls a day; 100,000 unless set
}

// Org is a running org.
type Org struct {
	URL          string // of the REST API and the login
	Events       string // host:port of the Pub/Sub API
	ID           string // of the organisation, 18 characters
	Username     string // of the user that clients act as
	UserID       string
	ClientID     string
	ClientSecret string
	PrivateKey   []byte         // PEM; its certificate is what the app in the org knows
	Roots        *x509.CertPool // who vouches for both ends
	Certificate  []byte         // the same, PEM

	options  Options
	app      *rsa.PublicKey
	http     *http.Server
	grpc     *grpc.Server
	closing  chan struct{}
	running  sync.WaitGroup
	outbound *outbox

	mu      sync.Mutex
	store   store
	bus     bus
	logins  logins
	cursors map[string]cursor // of queries that have more
	faults  Faults
	away    bool
	usage   Usage
}

// Usage is how many calls an org has had.
type Usage struct {
	API    int // that count against the limit of a day
	Tokens int // that were given out
	Limit  int
}

// Start starts an org with a few records: see seed.go. Close ends it.
func Start(options Options) (*Org, error) {
	o := &Org{options: withDefaults(options), closing: make(chan struct{}), cursors: map[string]cursor{}}
	o.ID, o.Username, o.ClientID, o.ClientSecret = id18("00DKz0000000001"), "hub@example.com", "3MVG9chancery", "0F5AECRET"
	o.usage.Limit = o.options.Calls
	if err := o.keys(); err != nil {
		return nil, err
	}
	o.store = newStore()
	o.seed()
	o.bus = newBus(o)
	o.logins = logins{tokens: map[string]int{}, codes: map[string]grant{}, refresh: map[string]bool{}}
	o.outbound = newOutbox(o)
	if err := o.listen(); err != nil {
		return nil, err
	}
	return o, nil
}

func withDefaults(o Options) Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.BatchSize == 0 {
		o.BatchSize = 2000
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = 270 * time.Second
	}
	if o.Retry == 0 {
		o.Retry = time.Second
	}
	if o.Calls == 0 {
		o.Calls = 100_000
	}
	return o
}

// appKey is the key of the app in every org of a process: making one takes longer
// than most tests.
var appKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

func (o *Org) keys() error {
	key, err := appKey()
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	o.PrivateKey = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	o.app = &key.PublicKey
	return nil
}

func (o *Org) certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, err
	}
	o.Roots = x509.NewCertPool()
	o.Roots.AddCert(parsed)
	o.Certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func (o *Org) listen() error {
	certificate, err := o.certificate()
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	rest, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	events, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, rest.Close())
	}
	o.URL, o.Events = "http://"+rest.Addr().String(), events.Addr().String()
	if o.options.TLS {
		o.URL = "https://" + rest.Addr().String()
		rest = tls.NewListener(rest, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	}
	o.http = &http.Server{Handler: http.HandlerFunc(o.serve), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: log.New(io.Discard, "", 0)} // of connections that a test cuts
	o.grpc = grpc.NewServer(grpc.Creds(credentials.NewServerTLSFromCert(&certificate)), grpc.ForceServerCodec(pubsub.Codec{}))
	pubsub.Register(o.grpc, &eventServer{o})
	o.running.Go(func() { _ = o.http.Serve(rest) })   // ends with Close
	o.running.Go(func() { _ = o.grpc.Serve(events) }) // likewise
	o.running.Go(o.outbound.run)
	return nil
}

// Close ends the org and everything that it runs.
func (o *Org) Close() {
	close(o.closing)
	_ = o.http.Close() // the listener is what matters, and it closes
	o.grpc.Stop()
	o.running.Wait()
}

// now is the org's time: whole seconds, as Salesforce counts.
func (o *Org) now() time.Time { return o.options.Now().UTC().Truncate(time.Second) }

// Usage tells how many calls there were.
func (o *Org) Usage() Usage {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.usage
}
