//go:build unix && !linux

package cluster

import "syscall"

// leash does nothing: only Linux can tie a child's life to ours.
func leash(*syscall.SysProcAttr, syscall.Signal) {}
