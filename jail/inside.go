package jail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"chancery/problem"
)

// Exit codes of a child. The Go runtime itself ends with 2 when memory or stack
// run out.
const (
	exitAnswered = 0
	exitUnfit    = 70 // we could not confine ourselves, or did not understand: the file is not to blame
)

// Descriptors that a child gets beside the standard ones.
const (
	fileIn  = 3
	fileOut = 4
)

// collecting is when garbage is collected, as everywhere. A child begins without: what
// all packages of a large program make at its start is no garbage, and to look through
// it took a third of the time that starting takes.
const collecting = 100 // %

// share of Memory at which the garbage collector tries harder: what is above
// it is room for its own tables and for stacks.
const share = 80 // %

// maxStack of one goroutine, bytes: the parsers are bounded in depth, so more
// is a mistake.
const maxStack = 64 << 20

// inside is the life of a child: it locks itself in before it reads a byte.
func inside(job string) int {
	do, known := jobs[job]
	if !known {
		return unfit(fmt.Errorf("there is no job %q", job))
	}
	debug.SetGCPercent(collecting)
	debug.SetMemoryLimit(room / 100 * share)
	debug.SetMaxStack(maxStack)
	gauge, err := openGauge()
	if err != nil {
		return unfit(err)
	}
	without, err := confine(do.confinement)
	if err != nil {
		return unfit(err)
	}
	question, err := io.ReadAll(os.Stdin)
	if err != nil {
		return unfit(err)
	}
	in := os.NewFile(fileIn, "in")
	info, err := in.Stat()
	if err != nil {
		return unfit(err)
	}
	v := visit{question: question, ReaderAt: in, size: info.Size(), in: in, out: os.NewFile(fileOut, "out")}
	said := answer(do, v)
	said.Without, said.Peak = without, gauge.peak()
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return unfit(err)
	}
	return exitAnswered
}

func unfit(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return exitUnfit
}

// visit is one job for one file.
type visit struct {
	question []byte
	io.ReaderAt
	size    int64
	in, out *os.File
}

// ask reads the question.
func (v visit) ask(into any) error {
	if err := json.Unmarshal(v.question, into); err != nil {
		return fmt.Errorf("read the question: %w", err)
	}
	return nil
}

// answer does the job. A panic is our mistake, but it was this file that found
// it, so this file is refused.
func answer(do job, v visit) (said reply) {
	defer func() {
		if found := recover(); found != nil {
			said = reply{}
			said.fail(damaged.Because(fmt.Errorf("panic: %v\n%.2000s", found, debug.Stack())))
		}
	}()
	value, err := do.work(context.Background(), v)
	if err != nil {
		said.fail(err)
	}
	if value == nil {
		return said
	}
	if said.Answer, err = json.Marshal(value); err != nil {
		said.fail(errors.Join(err, fmt.Errorf("write the answer")))
	}
	return said
}

var damaged = problem.Invalid("pdf_damaged", "This PDF is damaged in a way that its reader did not expect.")
