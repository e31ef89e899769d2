package jail

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// confinement is how much of the machine a job still sees.
type confinement int

const (
	sealed   confinement = iota // no files, no new processes, no system calls but those that thinking takes
	tool                        // for a program of the system, which must be loaded: files may be read
	renderer                    // for a large one, which starts others and works on files in its cell
)

// confine locks the process in for good. without names what the kernel did not
// grant.
func confine(c confinement) (without []string, err error) {
	if err := limitMemory(limitsOf(c)); err != nil {
		return nil, err
	}
	own := os.Getuid() == 0 // root, of the machine or of a user namespace
	if c == sealed && own {
		if err := syscall.Chroot("."); err != nil {
			without = append(without, "an empty file system")
		}
	}
	if c == renderer {
		_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // where memory is short, it goes first
	}
	if c == renderer && own {
		if err := ownTemporary("."); err != nil {
			without = append(without, "a place of its own for temporary files")
		}
	}
	if err := becomeNobody(); own && err != nil {
		without = append(without, "a user of its own")
	}
	if err := limitRest(limitsOf(c)); err != nil {
		return nil, err
	}
	if err := keepDown(); err != nil {
		return nil, err
	}
	if c == renderer {
		if err := fenceIn("."); err != nil {
			without = append(without, "a fence around files")
		}
	}
	if err := filterCalls(c); err != nil {
		without = append(without, "a filter of system calls")
	}
	return without, nil
}

// sizes are bytes of address space, and of memory that can be written.
func sizes() (addresses, data uint64, err error) {
	file, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, 0, err
	}
	var skip uint64
	if _, err := fmt.Sscan(string(file), &addresses, &skip, &skip, &skip, &skip, &data); err != nil {
		return 0, 0, fmt.Errorf("read /proc/self/statm: %w", err)
	}
	page := uint64(os.Getpagesize())
	return addresses * page, data * page, nil
}

// becomeNobody gives up root. A user namespace of ours has only one user, whose
// powers end at its borders, and answers EINVAL to any other.
func becomeNobody() error {
	err := syscall.Setresgid(nobody, nobody, nobody)
	if errors.Is(err, syscall.EINVAL) {
		return nil
	}
	return errors.Join(err, syscall.Setgroups(nil), syscall.Setresuid(nobody, nobody, nobody))
}

// keepDown lets no program that we might start have more rights, and asks again
// to die with the parent, which a change of user forgets.
func keepDown() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("renounce privileges: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("tie the child to its parent: %w", err)
	}
	return nil
}

// lastLimits are for a tool that takes our place: no process beside it, and no
// rights that root of a user namespace would have.
func lastLimits() {
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		_ = unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0)
	}
	_ = unix.Setrlimit(unix.RLIMIT_NPROC, &unix.Rlimit{Cur: 1, Max: 1})
}

// gauge reads how much memory we have had at most, from a file that is out of
// reach later.
type gauge struct{ status *os.File }

func openGauge() (gauge, error) {
	f, err := os.Open("/proc/self/status")
	return gauge{f}, err
}

func (g gauge) peak() int64 {
	text := make([]byte, 4096)
	n, _ := g.status.ReadAt(text, 0)
	return highWater(text[:n])
}
