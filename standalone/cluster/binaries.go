package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"chancery/problem"
)

// oldest is the first PostgreSQL major version that keeps strangers from creating
// tables in the public schema by default and that both of our schemas are tested with.
const oldest = 15

// binaries is one installed PostgreSQL: where its programs lie, and its major version.
type binaries struct {
	folder string
	major  int
}

func (b binaries) initdb() string   { return filepath.Join(b.folder, "initdb") }
func (b binaries) postgres() string { return filepath.Join(b.folder, "postgres") }

// findBinaries looks for PostgreSQL on this machine. A cluster that exists can only
// be opened by the major version that made it (major > 0); for a new one the newest wins.
func findBinaries(ctx context.Context, major int) (binaries, error) {
	var found []binaries
	for _, folder := range candidateFolders(ctx) {
		if b, ok := inspect(ctx, folder); ok {
			found = append(found, b)
		}
	}
	slices.SortStableFunc(found, func(a, b binaries) int { return b.major - a.major })
	return choose(found, major)
}

func choose(found []binaries, major int) (binaries, error) {
	for _, b := range found {
		if b.major == major || major == 0 && b.major >= oldest {
			return b, nil
		}
	}
	if major > 0 {
		return binaries{}, problem.Missing("postgres_missing", fmt.Sprintf(
			"The data folder was made with PostgreSQL %d, which is not installed here; please install that version (Debian and Ubuntu: apt install postgresql-%d).", major, major))
	}
	return binaries{}, problem.Missing("postgres_missing", fmt.Sprintf(
		"PostgreSQL %d or newer is needed and was not found; please install it (Debian and Ubuntu: apt install postgresql; Fedora: dnf install postgresql-server postgresql-contrib; Alpine: apk add postgresql postgresql-contrib).", oldest))
}

// candidateFolders lists where distributions put PostgreSQL's programs; Debian keeps
// them out of PATH on purpose.
func candidateFolders(ctx context.Context) []string {
	var folders []string
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			folders = append(folders, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/opt/homebrew/opt/postgresql*/bin"} {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern
		folders = append(folders, matches...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, folder string) (binaries, bool) {
	b := binaries{folder: folder}
	if _, err := os.Stat(b.initdb()); err != nil {
		return b, false
	}
	out, err := exec.CommandContext(ctx, b.postgres(), "--version").Output()
	if err != nil {
		return b, false
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return b, false
	}
	b.major, err = strconv.Atoi(string(match[1]))
	return b, err == nil
}
