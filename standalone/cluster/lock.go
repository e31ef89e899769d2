package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"chancery/problem"
)

// lockFolder keeps a second Chancery off the same data folder. The kernel drops the
// lock when we die, so a killed predecessor never locks anybody out.
func lockFolder(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock data folder %s: %w", folder, err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, problem.Conflict("data_folder_in_use", fmt.Sprintf(
			"Another Chancery is already running on %s; please stop it first or choose another folder.", folder))
	}
	return nil, fmt.Errorf("lock data folder %s: %w", folder, err)
}
