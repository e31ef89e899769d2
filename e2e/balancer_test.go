package e2e

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"
	"time"
)

// balancer sends calls by turns to the APIs that take connections.
type balancer struct {
	server *httptest.Server
	apis   [2]string
	turn   atomic.Int64
	passed [2]atomic.Int64
}

func openBalancer(t *testing.T, apis [2]string) *balancer {
	b := &balancer{apis: apis}
	b.server = httptest.NewServer(&httputil.ReverseProxy{
		Transport: b,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.Host = "http", r.In.Host
			r.SetXForwarded()
		},
	})
	t.Cleanup(b.server.Close)
	return b
}

// RoundTrip asks the other API when the one whose turn it is takes no connection:
// nothing has been sent then.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	first := int(b.turn.Add(1)) % 2
	for _, i := range []int{first, 1 - first} {
		conn, err := net.DialTimeout("tcp", b.apis[i], time.Second)
		if err != nil {
			continue
		}
		conn.Close()
		r.URL.Host = b.apis[i]
		b.passed[i].Add(1)
		return (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	}
	return nil, errors.New("no API takes connections")
}
