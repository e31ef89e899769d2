// Package jail reads files that nobody vouches for in a child process that can
// do nothing but read, think and answer.
//
// The running program starts itself again for every job. The child gets one
// file and one question, both as open descriptors, and nothing of our environment. It
// has no network, no file system, no other process to talk to and, where the
// kernel lets us choose, a user of its own; it dies when its time or its memory
// is used up, or with its parent. Whatever a file does to its reader is done to
// somebody who has nothing, and the answer is then a refusal with a reason.
//
// Every program that calls this package, test binaries included, begins with
//
//	jail.Main()
//
// because that is where the child turns off into its job. The functions named
// after a job (Inspect, Verify, …) are what everybody else needs.
//
// What the kernel refuses (namespaces inside some containers, say) is left out,
// and the log says so once.
package jail

import (
	"errors"
	"os"
	"runtime"
	"sync/atomic"
	"time"
)

// What one job may use. The largest honest file of the corpora (51 MB, 79 000
// objects) needs a fifth of the memory and a tenth of the time.
const (
	Memory = 512 << 20        // bytes, beyond what the program itself takes to start
	CPU    = 10 * time.Second // of processor time, all threads together
	Wall   = 60 * time.Second // by the clock: a crowded machine is no fault of the file
)

// What turning a document into a PDF may use: LibreOffice takes 0.2 GB and a second
// for a page, Chromium likewise, which counts on twice 2 GB that it never touches.
const (
	RenderMemory = 4 << 30 // bytes of each of its processes
	RenderCPU    = 60 * time.Second
	RenderWall   = 2 * time.Minute
	renderOpen   = 1024 // open files
)

const (
	maxAnswer = 16 << 20  // bytes of JSON that come back
	maxFile   = 256 << 20 // bytes of a file that comes back
	maxWords  = 4 << 10   // bytes kept of what the child says when it dies
	maxOpen   = 32        // open files
	nobody    = 65_534    // user and group of the child when the parent is root
)

// name is how a child is called, so that it knows itself and people find it in ps.
const name = "chancery-jail"

// opened tells that this program has called Main, so that a child of it will.
var opened atomic.Bool

var errNotOpened = errors.New("open the jail: this program does not begin with jail.Main()")

// Main does the job when this process was started as a jail, and does not
// return then. Otherwise it returns at once. It stands before everything else in
// main and TestMain: what comes first would run in every child, too.
func Main() {
	if len(os.Args) == 2 && os.Args[0] == name {
		runtime.LockOSThread() // some of what confines us belongs to a thread
		os.Exit(inside(os.Args[1]))
	}
	opened.Store(true)
}
