//go:build !race

package e2e

// raced adds nothing: what is measured is what people run.
var raced []string
