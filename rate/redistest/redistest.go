// Package redistest runs a real Redis for tests.
package redistest

import (
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Server is one test's own.
type Server struct {
	t       testing.TB
	Address string // as rate.Connect takes it
	socket  string
	running *exec.Cmd
}

// Start runs a server on a socket of the test's own and stops it after the test.
func Start(t testing.TB) *Server {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "redis")
	s := &Server{t: t, Address: "unix://" + socket, socket: socket}
	t.Cleanup(s.Kill)
	s.Begin()
	return s
}

// starting is how long a server may take until it answers, on a busy machine.
const starting = 20 * time.Second

// Begin starts a server that was killed. It remembers nothing.
func (s *Server) Begin() {
	s.t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatal("redis-server is not installed; `make test-tools` installs it")
	}
	s.running = exec.Command(program, "--port", "0", "--unixsocket", s.socket, "--save", "", "--appendonly", "no", "--dir", filepath.Dir(s.socket))
	if err := s.running.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(starting); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("unix", s.socket); err == nil {
			conn.Close()
			return
		}
	}
	s.t.Fatalf("redis did not start on %s", s.socket)
}

// Kill ends the server as a power cut would.
func (s *Server) Kill() {
	if s.running != nil {
		_ = s.running.Process.Kill() // it may be gone
		_ = s.running.Wait()
		s.running = nil
	}
}
