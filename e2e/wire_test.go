package e2e

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
)

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
