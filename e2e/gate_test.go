package e2e

import (
	"net"
	"sync"
	"testing"
)

// gate stands between processes of the hub and PostgreSQL. It counts the requests
// that execute something, and at the one it is set for it kills: before the
// request reaches the database, or after the database has answered and before
// the answer is passed on.
type gate struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	count int
	fuse  *fuse
	conns map[net.Conn]bool
}

// side of a request on which the processes die.
type side string

const (
	before side = "before"
	after  side = "after"
)

// fuse is set for one request.
type fuse struct {
	at    int // counted from 1
	side  side
	kill  func()
	blown chan struct{} // closed when it has killed
}

func openGate(t *testing.T, target string) *gate {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{listener: listener, target: target, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { listener.Close(); g.cut() })
	go g.accept()
	return g
}

func (g *gate) address() string { return g.listener.Addr().String() }

// arm starts counting anew; nil only counts.
func (g *gate) arm(f *fuse) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count, g.fuse = 0, f
}

// counted returns how many requests there were since arm.
func (g *gate) counted() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count
}

func (g *gate) accept() {
	for {
		client, err := g.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", g.target)
		if err != nil {
			client.Close()
			continue
		}
		w := &wire{gate: g, client: client, server: server}
		g.keep(client, server)
		go w.requests()
		go w.replies()
	}
}

func (g *gate) keep(conns ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		g.conns[c] = true
	}
}

func (g *gate) drop(conns ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range conns {
		c.Close()
		delete(g.conns, c)
	}
}

// cut ends all connections.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

// next counts a request and returns the fuse if it is this one's. It burns once.
func (g *gate) next() *fuse {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count++
	if g.fuse == nil || g.fuse.at != g.count {
		return nil
	}
	burning := g.fuse
	g.fuse = nil
	return burning
}

func (g *gate) blow(f *fuse) {
	f.kill()
	g.cut()
	close(f.blown)
}
