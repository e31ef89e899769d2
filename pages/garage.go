package pages

import (
	"runtime/debug"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
)

// garage holds the engines that are not in use. When none is in use for a
// while they are all put away, because 50 MB are too much to keep for nobody.
type garage struct {
	cache string
	idle  time.Duration

	mu      sync.Mutex
	library wazero.CompilationCache // machine code shared by all engines
	free    []*engine
	busy    int
	resting *time.Timer
}

// take returns an engine for one goroutine, starting one if none is free.
func (g *garage) take() (*engine, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.resting != nil {
		g.resting.Stop()
		g.resting = nil
	}
	if last := len(g.free) - 1; last >= 0 {
		e := g.free[last]
		g.free = g.free[:last]
		g.busy++
		return e, nil
	}
	e, err := g.start()
	if err == nil {
		g.busy++
	}
	return e, err
}

func (g *garage) start() (e *engine, err error) {
	if g.library == nil {
		if g.library, err = openLibrary(g.cache); err != nil {
			return nil, err
		}
	}
	return startEngine(g.library)
}

// give takes the engine back. One that has been stopped in the middle of its work is closed.
func (g *garage) give(e *engine, stopped bool) {
	if stopped {
		_ = e.close()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !stopped {
		g.free = append(g.free, e)
	}
	g.busy--
	if g.busy == 0 {
		g.resting = time.AfterFunc(g.idle, g.rest)
	}
}

// rest puts everything away unless somebody came in the meantime. The memory
// goes back to the system at once (measured: from 111 to 23 MB); the runtime alone
// would keep it for minutes.
func (g *garage) rest() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.busy == 0 && g.resting != nil {
		_ = g.clear()
		debug.FreeOSMemory()
	}
}

func (g *garage) close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.resting != nil {
		g.resting.Stop()
	}
	return g.clear()
}

func (g *garage) clear() error {
	err := closeAll(g.free, g.library)
	g.free, g.library, g.resting = nil, nil, nil
	return err
}
