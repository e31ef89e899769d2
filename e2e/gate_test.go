package e2e

import (
	"encoding/binary"
	"errors"
	"io"
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

// wire is one connection. It knows as much of PostgreSQL's protocol (version 3) as
// it takes to see where a request and its answer end.
type wire struct {
	gate           *gate
	client, server net.Conn

	mu      sync.Mutex
	pending *fuse // blows when the answer is complete
}

const (
	execute       = 'E'
	query         = 'Q'
	synchronise   = 'S'
	readyForQuery = 'Z'
)

func (w *wire) requests() {
	defer w.gate.drop(w.client, w.server)
	if first, err := frame(w.client, 0); err != nil || write(w.server, first) != nil {
		return
	}
	for executes := false; ; {
		message, err := frame(w.client, 1)
		if err != nil {
			return
		}
		executes = executes || message[0] == execute || message[0] == query
		if ends := message[0] == synchronise || message[0] == query; ends && executes {
			executes = false
			if w.die() {
				return
			}
		}
		if write(w.server, message) != nil {
			return
		}
	}
}

// die blows the fuse of this request, or leaves it to the answer.
func (w *wire) die() bool {
	f := w.gate.next()
	if f == nil {
		return false
	}
	if f.side == before {
		w.gate.blow(f)
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = f
	return false
}

func (w *wire) replies() {
	defer w.gate.drop(w.client, w.server)
	for {
		message, err := frame(w.server, 1)
		if err != nil {
			return
		}
		w.mu.Lock()
		f := w.pending
		w.mu.Unlock()
		switch {
		case f != nil && message[0] == readyForQuery:
			w.gate.blow(f)
			return
		case f == nil && write(w.client, message) != nil:
			return
		}
	}
}

var errFrame = errors.New("not a message of the protocol")

// frame reads one message: its type, of that many bytes, its length and its body.
func frame(r io.Reader, kind int) ([]byte, error) {
	head := make([]byte, kind+4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[kind:]))
	if size < 4 || size > 1<<30 {
		return nil, errFrame
	}
	message := make([]byte, kind+size)
	copy(message, head)
	_, err := io.ReadFull(r, message[kind+4:])
	return message, err
}

func write(w io.Writer, message []byte) error {
	_, err := w.Write(message)
	return err
}
