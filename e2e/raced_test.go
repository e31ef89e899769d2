//go:build race

package e2e

// raced is how programs are built that tell of their races.
var raced = []string{"-race"}
