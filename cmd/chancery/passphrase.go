package main

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"chancery/problem"
)

// passphrase comes from a file, or from whoever sits at the terminal.
type passphrase struct {
	PassphraseFile string `type:"existingfile" help:"File with the passphrase in its first line; without it, the terminal is asked."`
}

func (p passphrase) ask(prompt string) (string, error) {
	if p.PassphraseFile != "" {
		data, err := os.ReadFile(p.PassphraseFile)
		if err != nil {
			return "", err
		}
		line, _, _ := strings.Cut(string(data), "\n")
		return strings.TrimSuffix(line, "\r"), nil
	}
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", problem.Invalid("passphrase_missing", "There is no terminal to ask for the passphrase. Please name a file with --passphrase-file.")
	}
	fmt.Fprint(os.Stderr, prompt+": ")
	typed, err := term.ReadPassword(int(os.Stdin.Fd()))
	fmt.Fprintln(os.Stderr)
	return string(typed), err
}

// choose asks for a new passphrase, at a terminal twice.
func (p passphrase) choose(prompt string) (string, error) {
	first, err := p.ask(prompt)
	if err != nil || p.PassphraseFile != "" {
		return first, err
	}
	second, err := p.ask("The same again")
	if err == nil && first != second {
		err = problem.Invalid("passphrase_differs", "The two passphrases differ.")
	}
	return first, err
}
