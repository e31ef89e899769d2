//go:build !race

package jail

// room is Memory.
const room = Memory

// environment of a child; see collecting.
var environment = []string{"GOGC=off"}
