package cluster

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
)

// remembered is how many of PostgreSQL's last lines we keep to explain a failed start.
const remembered = 12

// journal takes what PostgreSQL writes to its standard error and hands it to slog.
type journal struct {
	log *slog.Logger

	mu      sync.Mutex
	pending []byte
	last    []string
	running bool
}

// Write implements io.Writer for a stream of lines.
func (j *journal) Write(chunk []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending = append(j.pending, chunk...)
	for {
		line, rest, whole := bytes.Cut(j.pending, []byte("\n"))
		if !whole {
			return len(chunk), nil
		}
		j.pending = rest
		j.note(string(line))
	}
}

func (j *journal) note(line string) {
	j.last = append(j.last, line)
	if len(j.last) > remembered {
		j.last = j.last[1:]
	}
	level := levelOf(line)
	if level == slog.LevelWarn && !j.running {
		level = slog.LevelDebug
	}
	j.log.Log(context.Background(), level, "postgres: "+line)
}

// setRunning tells whether the server should be serving: while it starts and stops it
// complains of every connection it turns away.
func (j *journal) setRunning(running bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.running = running
}

// said returns the last lines, for an error message.
func (j *journal) said() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.last, "; ")
}

// levelOf reads the severity that PostgreSQL puts at the start of a line. ERROR is a
// statement that was refused: its sender hears of it and decides what it means.
func levelOf(line string) slog.Level {
	severity, _, _ := strings.Cut(line, ":")
	switch severity {
	case "PANIC": // the whole server
		return slog.LevelError
	case "FATAL", "WARNING": // one connection
		return slog.LevelWarn
	}
	return slog.LevelDebug
}
