package returns

import (
	"net"
	"sync"
	"time"
)

// gate lets in so many connections at once, and so many from one address, and
// ends each after a while, however busy it looks.
type gate struct {
	net.Listener

	mu   sync.Mutex
	all  int
	from map[string]int
}

func newGate(listener net.Listener) *gate { return &gate{Listener: listener, from: map[string]int{}} }

// Accept implements net.Listener.
func (g *gate) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
		if err == nil && g.enter(host) {
			return g.guest(conn, host), nil
		}
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = conn.Write([]byte("421 4.7.0 Too many connections, please try later\r\n")) // they may be gone
		_ = conn.Close()
	}
}

func (g *gate) enter(host string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= maxAtOnce || g.from[host] >= maxFromOne {
		return false
	}
	g.all++
	g.from[host]++
	return true
}

func (g *gate) leave(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.from[host]--; g.from[host] == 0 {
		delete(g.from, host)
	}
}

// guest is a connection whose place is free again when it is closed.
type guest struct {
	net.Conn
	leave func()
}

func (g *gate) guest(conn net.Conn, host string) *guest {
	leave := sync.OnceFunc(func() { g.leave(host) })
	over := time.AfterFunc(callLimit, func() { _ = conn.Close() })
	return &guest{Conn: conn, leave: func() { over.Stop(); leave() }}
}

// Close implements net.Conn.
func (c *guest) Close() error {
	c.leave()
	return c.Conn.Close()
}
