package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net/mail"
	"os"
	"slices"
	"time"

	"chancery/jail"
	"chancery/pades"
	"chancery/pki"
	"chancery/problem"
)

type sign struct {
	File     string   `arg:"" type:"existingfile" help:"The PDF."`
	Signer   []string `required:"" sep:"none" placeholder:"'NAME <ADDRESS>'" help:"Who signs, in this order; may be given several times."`
	Field    []string `sep:"none" placeholder:"PAGE,X,Y,W,H" help:"Where the signers' names go, in their order: points from the top left corner of the page. Who has none signs at the foot of the last page."`
	Level    string   `default:"B-LTA" enum:"B-B,B-T,B-LT,B-LTA" help:"PAdES level to reach."`
	Out      string   `required:"" type:"path" help:"Where the signed PDF goes."`
	Root     string   `type:"path" help:"Where the root that its signatures lead to goes; beside the PDF when not given."`
	Password string   `help:"Of an encrypted PDF."`
	Force    bool     `help:"Replace files that are there already."`
}

// Help is shown below the usage.
func (sign) Help() string {
	return "The keys and the time-stamping authority are made for this one file and thrown away, so nobody trusts them: it is for trying out. The hub signs in earnest."
}

func (c sign) Run(ctx context.Context) error {
	if c.Root == "" {
		c.Root = c.Out + ".root.pem"
	}
	people, err := signers(c.Signer)
	if err != nil {
		return err
	}
	if err := c.results(nil, nil).free(); err != nil {
		return err
	}
	original, err := c.harmless(ctx)
	if err != nil {
		return err
	}
	w, err := newWorkshop(original, pades.Level(c.Level))
	if err != nil {
		return err
	}
	if err := w.run(ctx, people, c.Field); err != nil {
		return err
	}
	if err := c.results(w.file, w.roots()).write(); err != nil {
		return err
	}
	fmt.Printf("%s: certified, signed by %d, sealed; level %s\n%s: the root that its signatures lead to\n", c.Out, len(people), w.plan.Reached(), c.Root)
	return nil
}

// signers reads "Name <address>" of each, as in a letter (RFC 5322, 3.4).
func signers(given []string) ([]pki.Person, error) {
	people := make([]pki.Person, len(given))
	for i, text := range given {
		a, err := mail.ParseAddress(text)
		if err != nil || a.Name == "" {
			return nil, problem.Invalid("signer_unreadable", fmt.Sprintf("A signer is given as 'Name <address>', which %q is not.", text)).Because(err)
		}
		people[i] = pki.Person{Name: a.Name, Email: a.Address, ID: fmt.Sprintf("signer-%d", i+1)}
	}
	return people, nil
}

// harmless is the file, or what is left of it once it can be signed safely.
func (c sign) harmless(ctx context.Context) ([]byte, error) {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return nil, err
	}
	result, err := jail.Normalise(ctx, bytes.NewReader(file), int64(len(file)), c.Password)
	if err != nil || result.File == nil {
		return file, err
	}
	for _, reason := range result.Found.Reasons {
		fmt.Fprintf(os.Stderr, "%s: written anew before signing: %s\n", c.File, reason.Sentence)
	}
	return result.File, nil
}

// results are the signed PDF and its root. The root comes first: without it the
// PDF says nothing.
func (c sign) results(pdf, root []byte) results {
	return results{replace: c.Force, files: []result{{c.Root, root}, {c.Out, pdf}}}
}

// roots are those of the workshop's own authority, in PEM.
func (w *workshop) roots() []byte {
	var out bytes.Buffer
	for _, root := range w.authority.Roots() {
		_ = pem.Encode(&out, &pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}) // to memory
	}
	return out.Bytes()
}

func newWorkshop(original []byte, level pades.Level) (*workshop, error) {
	now := time.Now()
	authority, err := pki.Create(rand.Reader, now, pki.Options{Organisation: pki.SandboxOrganisation, Sandbox: true})
	if err != nil {
		return nil, err
	}
	w := &workshop{authority: authority, now: now, level: level, file: slices.Clone(original)}
	return w, w.openTimestamps()
}
