package bench

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is what /proc/stat counts in: a hundredth of a second on every Linux that
// Go runs on (proc(5), USER_HZ).
const tick = 10 * time.Millisecond

// machineCPU is the time that all processors have spent on work since boot.
func machineCPU() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("read processor time: %w", err)
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal
	if len(fields) < 8 {
		return 0, fmt.Errorf("read processor time: unexpected line %q", line)
	}
	var busy time.Duration
	for _, i := range []int{1, 2, 3, 6, 7} {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read processor time: %w", err)
		}
		busy += time.Duration(n) * tick
	}
	return busy, nil
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
