package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"chancery/problem"
	"chancery/standalone/disk"
)

// majorOf tells which PostgreSQL made the cluster in dir; 0 when there is none yet.
func majorOf(dir string) (int, error) {
	content, err := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read version of cluster %s: %w", dir, err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return 0, fmt.Errorf("read version of cluster %s: %w", dir, err)
	}
	return major, nil
}

// create runs initdb in a folder beside dir and renames it when it is whole, so that a
// cluster either exists or does not.
func create(ctx context.Context, b binaries, who account, dir, superuserPassword string) error {
	draft := dir + ".new"
	if err := os.RemoveAll(draft); err != nil {
		return fmt.Errorf("remove half-made cluster %s: %w", draft, err)
	}
	if err := who.folder(draft); err != nil {
		return err
	}
	passwordFile := draft + ".password"
	defer os.Remove(passwordFile)
	if err := disk.Write(passwordFile, []byte(superuserPassword+"\n")); err != nil {
		return err
	}
	if err := who.own(passwordFile); err != nil {
		return err
	}
	if err := initdb(ctx, b, who, draft, passwordFile); err != nil {
		return err
	}
	if err := os.Rename(draft, dir); err != nil {
		return fmt.Errorf("move new cluster into place: %w", err)
	}
	return disk.Sync(filepath.Dir(dir))
}

// initdb makes a cluster that asks everybody for a password, over the socket too:
// nothing depends on who else has an account on this machine.
func initdb(ctx context.Context, b binaries, who account, dir, passwordFile string) error {
	cmd := command(ctx, who, dir, b.initdb(),
		"--pgdata="+dir, "--username=postgres", "--pwfile="+passwordFile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--data-checksums")
	leash(cmd.SysProcAttr, syscall.SIGKILL) // a half-made cluster is made anew
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		return problem.Invalid("data_folder_out_of_reach", fmt.Sprintf(
			"PostgreSQL runs as user %d, who may not enter %s; please choose a data folder whose parents everybody may pass through.", who.uid, filepath.Dir(dir))).Because(err)
	}
	if err != nil {
		return fmt.Errorf("make cluster %s with initdb: %w: %s", dir, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// command prepares a program that knows nothing of our environment: a PGDATA or a
// PGPORT of the person who started us must not lead it astray.
func command(ctx context.Context, who account, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = who.attributes()
	return cmd
}
