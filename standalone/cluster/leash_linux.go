package cluster

import "syscall"

// leash makes the kernel send stop to the child when we die, however we die.
func leash(attributes *syscall.SysProcAttr, stop syscall.Signal) { attributes.Pdeathsig = stop }
