//go:build race

package jail

// room is Memory with what the race detector adds to every byte.
const room = 8 * Memory
