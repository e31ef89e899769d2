//go:build !race

package jail

// room is Memory.
const room = Memory

// environment of a child.
var environment = []string{}
