package jail

import (
	"bytes"
	"fmt"
)

// highWater reads VmHWM out of /proc/self/status, in bytes.
func highWater(status []byte) int64 {
	_, after, found := bytes.Cut(status, []byte("VmHWM:"))
	var kilobytes int64
	if !found {
		return 0
	}
	if _, err := fmt.Sscan(string(after), &kilobytes); err != nil {
		return 0
	}
	return kilobytes << 10
}
