//go:build race

package jail

// room is Memory with what the race detector adds to every byte.
const room = 8 * Memory

// environment keeps the race detector from sleeping for a second at the end of
// each child.
var environment = []string{"GORACE=atexit_sleep_ms=0"}
