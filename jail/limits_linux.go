package jail

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// limits of the resources of one process.
type limits struct {
	memory  uint64 // bytes that it can write to, beyond what it has
	address uint64 // bytes of addresses beyond what it has; 0 is no limit
	seconds uint64 // of processor time
	open    uint64 // files
}

// limitsOf is what a job of that confinement may use. A renderer reserves
// addresses by the terabyte without touching them, and has all fonts open.
func limitsOf(c confinement) limits {
	if c == renderer {
		return limits{memory: RenderMemory, seconds: uint64(RenderCPU.Seconds()), open: renderOpen}
	}
	return limits{memory: room, address: 2 * room, seconds: uint64(CPU.Seconds()), open: maxOpen}
}

// limitMemory counts from what the process has already: the Go runtime reserves
// a gigabyte of addresses that it never touches.
func limitMemory(l limits) error {
	addresses, data, err := sizes()
	if err != nil {
		return err
	}
	most := map[int]uint64{unix.RLIMIT_DATA: data + l.memory}
	if l.address > 0 {
		most[unix.RLIMIT_AS] = addresses + l.address
	}
	for what, most := range most {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("limit memory: %w", err)
		}
	}
	return nil
}

func limitRest(l limits) error {
	for what, most := range map[int]uint64{
		unix.RLIMIT_CPU: l.seconds, unix.RLIMIT_FSIZE: maxFile, unix.RLIMIT_NOFILE: l.open, unix.RLIMIT_CORE: 0,
	} {
		if err := unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return fmt.Errorf("set limit %d: %w", what, err)
		}
	}
	return nil
}
