package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is what /proc counts in: a hundredth of a second on every Linux that Go
// runs on (proc(5), USER_HZ).
const tick = 10 * time.Millisecond

// processorTime is what this process and all below it, PostgreSQL's among them,
// have used so far. Other work on the machine does not count.
func processorTime() (time.Duration, error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, fmt.Errorf("list processes: %w", err)
	}
	all := map[int]process{}
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		if p, err := readProcess(string(content)); err == nil {
			all[p.id] = p
		}
	}
	var used time.Duration
	for _, p := range all {
		if below(all, p.id, os.Getpid()) {
			used += p.used
		}
	}
	return used, nil
}

// process is what we need of proc_pid_stat(5).
type process struct {
	id, parent int
	used       time.Duration // with children that have ended
}

func readProcess(stat string) (process, error) {
	open, shut := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')') // a name may hold anything
	if open < 0 || shut < open {
		return process{}, fmt.Errorf("read process: unexpected %q", stat)
	}
	words := append([]string{strings.TrimSpace(stat[:open]), "name"}, strings.Fields(stat[shut+1:])...)
	if len(words) < 17 {
		return process{}, fmt.Errorf("read process: unexpected %q", stat)
	}
	var numbers [6]int // pid, ppid, utime, stime, cutime, cstime
	for i, word := range []string{words[0], words[3], words[13], words[14], words[15], words[16]} {
		n, err := strconv.Atoi(word)
		if err != nil {
			return process{}, fmt.Errorf("read process: %w", err)
		}
		numbers[i] = n
	}
	ticks := numbers[2] + numbers[3] + numbers[4] + numbers[5]
	return process{id: numbers[0], parent: numbers[1], used: time.Duration(ticks) * tick}, nil
}

func below(all map[int]process, id, ancestor int) bool {
	for id != 0 {
		if id == ancestor {
			return true
		}
		id = all[id].parent
	}
	return false
}

// ProcessMemory is what this process holds in memory (resident set), in bytes.
func ProcessMemory() (int64, error) {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0, fmt.Errorf("read memory: unexpected %q", statm)
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
