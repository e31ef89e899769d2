//go:build race

package jail

// room is Memory with what the race detector adds to every byte.
const room = 8 * Memory

// environment keeps the race detector from sleeping for a second at the end of
// each child; see collecting, too.
var environment = []string{"GOGC=off", "GORACE=atexit_sleep_ms=0"}
