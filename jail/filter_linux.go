package jail

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// allowed are the system calls that reading open files, computing and the Go
// runtime take. Everything else answers EPERM: there is no way to open a file,
// to reach the network, or to start or touch another process.
var allowed = []uint32{
	unix.SYS_READ, unix.SYS_WRITE, unix.SYS_PREAD64, unix.SYS_PWRITE64, unix.SYS_LSEEK, unix.SYS_FSTAT, unix.SYS_FCNTL, unix.SYS_CLOSE,
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MREMAP, unix.SYS_BRK, unix.SYS_MINCORE,
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP,
	unix.SYS_CLOCK_GETTIME, unix.SYS_GETTIMEOFDAY, unix.SYS_GETRANDOM, unix.SYS_MEMBARRIER, unix.SYS_RSEQ, unix.SYS_SET_ROBUST_LIST,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_TGKILL,
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_RESTART_SYSCALL, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT, unix.SYS_EVENTFD2, unix.SYS_PIPE2,
}

// forbidden is what a tool of the system may not do: talk to anybody, look into
// other processes, or change what it sees of the machine.
var forbidden = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_KILL, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV,
	unix.SYS_PROCESS_VM_WRITEV, unix.SYS_MOUNT, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_CHROOT, unix.SYS_PIVOT_ROOT,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_IO_URING_SETUP,
}

// spared is what a renderer needs of the forbidden: its processes talk to each
// other, and end each other.
var spared = []uint32{unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_KILL}

// architectures that the filter is written for: numbers of calls differ.
var architectures = map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}

// Offsets in struct seccomp_data (linux/seccomp.h). Both architectures are
// little-endian, so the low half of an argument comes first.
const (
	dataCall = 0
	dataArch = 4
	dataArg0 = 16
)

// filterCalls installs the filter for all threads, present and future.
func filterCalls(c confinement) error {
	arch, known := architectures[runtime.GOARCH]
	if !known {
		return errors.New("no filter for this processor")
	}
	program := filter(arch, allowed, seccompAllow, seccompRefuse)
	switch c {
	case tool:
		program = filter(arch, forbidden, seccompRefuse, seccompAllow)
	case renderer:
		program = openFilter(arch)
	}
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 {
		return fmt.Errorf("filter system calls: %w", errno)
	}
	return nil
}

// Answers of a filter.
const (
	seccompAllow  = unix.SECCOMP_RET_ALLOW
	seccompRefuse = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	seccompAbsent = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
)

// Steps of a filter.
const (
	load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	has   = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
)

func say(answer uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET, K: answer} }

// called is how each filter begins: it ends whoever calls as another architecture
// does, and loads the number of the call.
func called(arch uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: load, K: dataArch},
		{Code: equal, K: arch, Jt: 1},
		say(unix.SECCOMP_RET_KILL_PROCESS),
		{Code: load, K: dataCall},
	}
}

// openFilter lets processes be started, and sockets be made only that reach
// nothing but the processes of this machine: there is no network.
func openFilter(arch uint32) []unix.SockFilter {
	program := called(arch)
	for _, call := range forbidden {
		if !slices.Contains(spared, call) {
			program = append(program, unix.SockFilter{Code: equal, K: call, Jf: 1}, say(seccompRefuse))
		}
	}
	return append(program,
		unix.SockFilter{Code: equal, K: unix.SYS_SOCKET, Jf: 3},
		unix.SockFilter{Code: load, K: dataArg0},
		unix.SockFilter{Code: equal, K: unix.AF_UNIX, Jt: 1}, say(seccompRefuse),
		say(seccompAllow),
	)
}

// filter is the program that the kernel asks before each call: one answer for
// what is listed, another for the rest. Threads may be started, processes not.
func filter(arch uint32, listed []uint32, answer, otherwise uint32) []unix.SockFilter {
	program := called(arch)
	for _, call := range listed {
		program = append(program, unix.SockFilter{Code: equal, K: call, Jf: 1}, say(answer))
	}
	return append(program,
		// The C library falls back to clone, whose flags can be seen.
		unix.SockFilter{Code: equal, K: unix.SYS_CLONE3, Jf: 1}, say(seccompAbsent),
		unix.SockFilter{Code: equal, K: unix.SYS_CLONE, Jf: 4},
		unix.SockFilter{Code: load, K: dataArg0},
		unix.SockFilter{Code: has, K: unix.CLONE_THREAD, Jf: 1}, say(seccompAllow),
		say(seccompRefuse),
		say(otherwise),
	)
}
