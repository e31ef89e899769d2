package jail

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// itself is the running program, even after its file was replaced.
const itself = "/proc/self/exe"

// memoryFile is a file that only its descriptor leads to.
func memoryFile(what string) (*os.File, error) {
	fd, err := unix.MemfdCreate(name+"-"+what, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("make a file in memory: %w", err)
	}
	return os.NewFile(uintptr(fd), what), nil
}

// freeze lets nobody change the file any more.
func freeze(f *os.File) error {
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_SHRINK | unix.F_SEAL_GROW | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(f.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return fmt.Errorf("seal a file in memory: %w", err)
	}
	return nil
}

// inherit lets a program that takes our place have the file.
func inherit(f *os.File) error {
	if _, err := unix.FcntlInt(f.Fd(), unix.F_SETFD, 0); err != nil {
		return fmt.Errorf("pass %s on: %w", f.Name(), err)
	}
	return nil
}

// namespaces of a child: no network but a dead loopback, no process to see but
// itself, no shared memory.
const namespaces = syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC

// start starts the child in namespaces of its own or, where the kernel refuses
// that, without.
func (c *cell) start(made func() *exec.Cmd) (*exec.Cmd, error) {
	cmd := made()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true, Cloneflags: namespaces}
	if uid := os.Getuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	cmd.Cancel = func() error { return endGroup(cmd) }
	refused := cmd.Start()
	if refused == nil {
		return cmd, nil
	}
	cmd = made()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	cmd.Cancel = func() error { return endGroup(cmd) }
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the child: %w", err)
	}
	confess("namespaces of its own", refused)
	return cmd, nil
}

// endGroup ends the child and whoever it has started: where it has no namespace of
// its own, they would outlive it.
func endGroup(cmd *exec.Cmd) error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// tied makes a program die with the child that starts it.
func tied() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
