package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"chancery/problem"
)

// ca runs a command line and returns what it prints.
func ca(t *testing.T, args ...string) (string, error) {
	t.Helper()
	parser, err := kong.New(&program{}, kong.DefaultEnvars("CHANCERY"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(append([]string{"ca"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	stdout := os.Stdout
	os.Stdout = out
	failure := parsed.Run()
	os.Stdout = stdout
	said, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(said), failure
}

func TestACeremonyOnTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	if err := os.WriteFile(at("passphrase"), []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args []string
		says string // in what is printed
		code string // of the problem, when it is refused
	}{
		{[]string{"issue", at("ca"), "seal"}, "", "ca_missing"},
		{[]string{"init", at("ca"), "--organisation", "Example Ltd", "--country", "DE", "--passphrase-file", at("passphrase")}, "root.p12", ""},
		{[]string{"init", at("ca"), "--organisation", "Example Ltd", "--passphrase-file", at("passphrase")}, "", "file_exists"},
		{[]string{"issue", at("ca"), "seal"}, "seal.key", ""},
		{[]string{"issue", at("ca"), "seal"}, "", "file_exists"},
		{[]string{"issue", at("ca"), "person", "--name", "Ann Lee", "--email", "ann@example.com"}, "", "name_missing"},
		{[]string{"issue", at("ca"), "person", "--name", "Ann Lee", "--email", "ann@example.com", "--out", at("ann")}, "ann.pem", ""},
		{[]string{"import", at("other"), "--cert", at("ca", "hub", "seal.pem"), "--key", at("ca", "hub", "seal.key"), "--kind", "tsa"}, "", "certificate_usage"},
		{[]string{"import", at("other"), "--cert", at("ca", "hub", "seal.pem"), "--key", at("ann.key")}, "", "key_mismatch"},
		{[]string{"import", at("other"), "--cert", at("ca", "hub", "seal.pem"), "--key", at("ca", "hub", "seal.key")}, "Example Ltd Seal", ""},
		{[]string{"revoke", at("ca"), at("ca", "hub", "seal.pem"), "--reason", "key-compromise"}, "key-compromise", ""},
		{[]string{"crl", at("ca")}, "issuing.crl", ""},
		{[]string{"crl", at("ca"), "--root", "--passphrase-file", at("passphrase")}, "root.crl", ""},
		{[]string{"issue", at("ca"), "issuing", "--passphrase-file", at("passphrase")}, "issuing-2.pem", ""},
		{[]string{"list", at("ca")}, "key-compromise", ""},
	} {
		said, err := ca(t, step.args...)
		if step.code != "" && !problem.Has(err, step.code) || step.code == "" && err != nil || !strings.Contains(said, step.says) {
			t.Errorf("chancery ca %s: %v: %s", strings.Join(step.args, " "), err, said)
		}
	}
}
