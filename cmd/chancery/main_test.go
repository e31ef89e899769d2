package main

import (
	"os"
	"testing"

	"chancery/jail"
)

func TestMain(m *testing.M) {
	jail.Main()
	os.Exit(m.Run())
}
