//go:build !race

package jail

// room is Memory.
const room = Memory
