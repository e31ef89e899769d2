package jail

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// legible are the places of the system that a renderer is loaded from and reads
// its fonts in. Nothing else can be opened, /etc and the hub's own files least of
// all: a document that asks for a file by name gets none.
var legible = []string{
	"/usr", "/lib", "/lib64", "/bin", "/opt", "/etc/fonts", "/etc/ld.so.cache", "/etc/alternatives", "/etc/libreoffice",
	"/var/lib/libreoffice", "/var/spool/libreoffice", "/var/cache/fontconfig", "/proc", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random",
}

// usable are devices that a renderer writes to.
var usable = []string{"/dev/null", "/dev/zero"}

// Rights of Landlock (linux/landlock.h).
const (
	mayRead  = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayWrite = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
)

// rights that the kernel's version of Landlock can take away.
func rights(version int) uint64 {
	all := uint64(1<<13 - 1)
	if version >= 2 {
		all |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		all |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	return all
}

// ownTemporary shows the cell, to this thread and whoever it starts, in the place
// of everybody's folder for temporary files, where LibreOffice insists on working.
func ownTemporary(cell string) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	if err := unix.Mount(cell, temporary, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	return unix.Chdir(temporary)
}

const temporary = "/tmp"

// fenceIn leaves this thread, and whoever it starts, the folder own and what is
// legible (landlock(7)).
func fenceIn(own string) error {
	version, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return fmt.Errorf("ask for Landlock: %w", errno)
	}
	all := rights(int(version))
	attr := unix.LandlockRulesetAttr{Handled_access_fs: all}
	rules, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr.Handled_access_fs), 0)
	if errno != 0 {
		return fmt.Errorf("make a fence: %w", errno)
	}
	defer unix.Close(int(rules))
	if err := leave(int(rules), own, all); err != nil {
		return err
	}
	for _, path := range legible {
		_ = leave(int(rules), path, mayRead) // what is not there need not be left
	}
	_ = leave(int(rules), temporary, unix.LANDLOCK_ACCESS_FS_MAKE_SOCK|unix.LANDLOCK_ACCESS_FS_REMOVE_FILE) // where it is not our own
	for _, path := range usable {
		_ = leave(int(rules), path, mayWrite)
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, rules, 0, 0); errno != 0 {
		return fmt.Errorf("close the fence: %w", errno)
	}
	return nil
}

// leave grants rights below a path. A file has no rights of folders.
func leave(rules int, path string, granted uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var info unix.Stat_t
	if err := unix.Fstat(fd, &info); err != nil {
		return err
	}
	if info.Mode&unix.S_IFMT != unix.S_IFDIR {
		granted &= unix.LANDLOCK_ACCESS_FS_EXECUTE | mayWrite
	}
	under := unix.LandlockPathBeneathAttr{Allowed_access: granted, Parent_fd: int32(fd)}
	if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(rules), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&under)), 0, 0, 0); errno != 0 {
		return fmt.Errorf("leave %s open: %w", path, errno)
	}
	return nil
}
