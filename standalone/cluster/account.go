package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"chancery/problem"
)

// account is the user that PostgreSQL runs as. PostgreSQL refuses to run as root, so
// root hands the server to another user; anybody else runs it as themselves.
type account struct {
	uid, gid int
	switched bool // true when we are root and step down
}

// chooseAccount keeps the owner of a cluster that exists; a new one goes to the user
// "postgres", or to "nobody" where that user is missing.
func chooseAccount(dir string) (account, error) {
	if os.Geteuid() != 0 {
		return account{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	if info, err := os.Stat(dir); err == nil {
		return ownerOf(dir, info)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return accountOf(found)
		}
	}
	return account{}, problem.Missing("postgres_user_missing",
		"PostgreSQL does not run as root; please add a user named postgres, or start Chancery as an ordinary user.")
}

func ownerOf(dir string, info fs.FileInfo) (account, error) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return account{}, problem.Invalid("postgres_owned_by_root", fmt.Sprintf(
			"The folder %s belongs to root, and PostgreSQL does not run as root; please give it to the user that made it.", dir))
	}
	return account{uid: int(stat.Uid), gid: int(stat.Gid), switched: true}, nil
}

func accountOf(found *user.User) (account, error) {
	uid, uidErr := strconv.Atoi(found.Uid)
	gid, gidErr := strconv.Atoi(found.Gid)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return account{}, fmt.Errorf("read ids of user %s: %w", found.Username, err)
	}
	return account{uid: uid, gid: gid, switched: true}, nil
}

// folder makes a folder that only the account may enter.
func (a account) folder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make folder %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return fmt.Errorf("close folder %s to others: %w", path, err)
	}
	return a.own(path)
}

func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	if err := os.Chown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to user %d: %w", path, a.uid, err)
	}
	return nil
}

// attributes start a child as the account, in a process group of its own: a Ctrl-C at
// the terminal reaches us alone, and we stop things in the right order.
func (a account) attributes() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if a.switched {
		attributes.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attributes
}
