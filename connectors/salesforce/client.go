// Package salesforce connects an org of Salesforce: it reads records with their
// relations in one call, writes them when nobody else has meanwhile, hangs files on
// them, describes them, and hears of changes through the Pub/Sub API and Outbound
// Messages. README.md tells how an org is connected.
//
// A Client is a connectors.Reader and has every talent there is. It signs in by
// itself, once for all its callers, and again when the org says that the token has
// ended. Whatever else an org says becomes a connectors.Failure; failure.go has the
// table.
//
// Salesforce counts time in whole seconds: a change within the very second of the
// version that was read is not noticed by Write. It is told by Watch.
package salesforce

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"chancery/connectors"
)

// Config says which org, as whom and by which way.
type Config struct {
	Credentials Credentials
	HTTP        *http.Client // guards where requests may go: webhooks.NewClient
	Name        string       // by which our own changes are known again, such as chancery-conn_…
	Version     string       // of the API; "" is 64.0
	FileKey     string       // unique field of ContentVersion that takes File.Key; "" compares files instead

	Events    string // host:port of the Pub/Sub API; "" is that of Salesforce
	EventsTLS *tls.Config
	Dial      func(ctx context.Context, address string) (net.Conn, error) // for it; nil is net.Dialer

	// Keep is told what each sign-in has brought: the organisation, and a refresh token
	// where it is a new one. May be nil.
	Keep func(ctx context.Context, org, refreshToken string) error
	Now  func() time.Time // nil is time.Now
}

// Limits of a call.
const (
	callTimeout = 30 * time.Second
	fileTimeout = 10 * time.Minute // a file of 2 GB at 30 Mbit/s
	maxAnswer   = 32 << 20         // bytes; 2,000 records with every field have less
	version     = "64.0"
	eventsHost  = "api.pubsub.salesforce.com:7443"
)

// Client is a connection to an org, safe for use by many at once.
type Client struct {
	config Config
	http   *http.Client
	login  login
	limits gauge
	shapes shapes
	flight singleflight.Group
}

// New makes a client. Nothing is called yet.
func New(c Config) (*Client, error) {
	if err := c.Credentials.check(); err != nil {
		return nil, err
	}
	if c.HTTP == nil || c.Name == "" || strings.ContainsAny(c.Name, ",;= \r\n") {
		return nil, errors.New("salesforce: an HTTP client and a plain name are needed")
	}
	if c.Version == "" {
		c.Version = version
	}
	if c.Events == "" {
		c.Events = eventsHost
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	direct := *c.HTTP
	direct.Timeout = 0 // each call has its own, and a large file takes its time
	return &Client{config: c, http: &direct, shapes: shapes{known: map[string]*shape{}}}, nil
}

// gauge is how much of the calls of a day an org has used, as it last said.
type gauge struct {
	mu          sync.Mutex
	used, limit int
}

func (g *gauge) read(header string) {
	var used, limit int
	if _, err := fmt.Sscanf(header, "api-usage=%d/%d", &used, &limit); err == nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.used, g.limit = used, limit
	}
}

// Usage tells how many API calls the org has counted in the last 24 hours, and how
// many it allows; 0 before the first call.
func (c *Client) Usage() (used, limit int) {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	return c.limits.used, c.limits.limit
}

// call is one request. Its body can be made again, for it may be sent again.
type call struct {
	method, path string // path from /services/data/vXX.X on, or a whole one
	query        string
	header       map[string]string
	kind         string // of the body
	body         func() (io.Reader, error)
	length       int64
	timeout      time.Duration
}

func (c *Client) base() string { return "/services/data/v" + c.config.Version }

// jsonCall makes a call with a body of JSON.
func jsonCall(method, path string, body any) (call, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return call{}, fmt.Errorf("write the body of %s %s: %w", method, path, err)
	}
	return call{method: method, path: path, kind: "application/json", length: int64(len(data)),
		body: func() (io.Reader, error) { return bytes.NewReader(data), nil }}, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes a call, signing in when that is needed, and reads the answer into to
// unless that is nil.
func (c *Client) do(ctx context.Context, q call, to any) error {
	session, err := c.session(ctx, session{})
	if err != nil {
		return err
	}
	got, err := c.once(ctx, session, q)
	if err == nil && got.status == http.StatusUnauthorized {
		if session, err = c.session(ctx, session); err != nil {
			return err
		}
		got, err = c.once(ctx, session, q)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", q.method, q.path, err)
	}
	if got.status >= 300 {
		return fmt.Errorf("%s %s: %w", q.method, q.path, c.failed(got))
	}
	if to == nil {
		return nil
	}
	if err := decode(got.body, to); err != nil {
		return fmt.Errorf("%s %s: %w", q.method, q.path, strange(err))
	}
	return nil
}

// strange is an answer that is none of Salesforce's: something stands between.
func strange(cause error) error {
	return (&connectors.Failure{Trouble: connectors.Busy, Words: "The answer is not what Salesforce answers."}).Because(cause)
}

// decode keeps numbers as they are written.
func decode(data []byte, to any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(to)
}

func (c *Client) once(ctx context.Context, s session, q call) (answer, error) {
	timeout := q.timeout
	if timeout == 0 {
		timeout = callTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	address := s.instance + c.base() + q.path
	if strings.HasPrefix(q.path, "/services/") {
		address = s.instance + q.path
	}
	if q.query != "" {
		address += "?" + q.query
	}
	var body io.Reader
	if q.body != nil {
		var err error
		if body, err = q.body(); err != nil {
			return answer{}, err
		}
		if closer, ok := body.(io.Closer); ok {
			defer closer.Close()
		}
	}
	request, err := http.NewRequestWithContext(ctx, q.method, address, body)
	if err != nil {
		return answer{}, withoutAddress(err)
	}
	request.ContentLength = q.length
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Sforce-Call-Options", "client="+c.config.Name)
	if q.kind != "" {
		request.Header.Set("Content-Type", q.kind)
	}
	for name, value := range q.header {
		request.Header.Set(name, value)
	}
	return c.send(request)
}

// send makes a request and reads its answer whole.
func (c *Client) send(request *http.Request) (answer, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, away(err)
	}
	defer response.Body.Close()
	c.limits.read(response.Header.Get("Sforce-Limit-Info"))
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return answer{}, away(err)
	}
	if len(body) > maxAnswer {
		return answer{}, &connectors.Failure{Trouble: connectors.Refused, Words: "The answer is larger than 32 MiB."}
	}
	return answer{response.StatusCode, response.Header, body}, nil
}

// away is a call that got no answer.
func away(cause error) error {
	return (&connectors.Failure{Trouble: connectors.Busy, Words: "Salesforce cannot be reached, or does not answer in time."}).Because(withoutAddress(cause))
}

// withoutAddress drops the address from an error: a query in it has what is in records.
func withoutAddress(err error) error {
	var with *url.Error
	if errors.As(err, &with) {
		return with.Err
	}
	return err
}
