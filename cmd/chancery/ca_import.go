package main

import (
	"fmt"
	"os"
	"time"

	"chancery/pki"
)

type caImport struct {
	Dir  string `arg:"" type:"path" help:"The folder that the hub reads (--pki-dir)."`
	Kind string `default:"seal" enum:"seal,certification,tsa" help:"What the certificate is for: seal, certification or tsa."`
	Cert string `type:"existingfile" help:"PEM file: the certificate, its issuer, and so on to the root. Not needed when PKCS#12 holds all."`
	Key  string `required:"" help:"PEM or PKCS#12 file, or the pkcs11: address of a key in a token."`
	passphrase
}

func (c caImport) Run() error {
	bundle, err := pki.ReadBundle(c.Cert, c.Key, func() (string, error) { return c.ask("Passphrase of " + c.Key) })
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	if err := pki.Import(c.Dir, caRoles[c.Kind], bundle, time.Now()); err != nil {
		return err
	}
	fmt.Printf("%s, issued by %s, until %s\n", bundle.Certificate.Subject, bundle.Certificate.Issuer, bundle.Certificate.NotAfter.UTC().Format(time.DateOnly))
	return nil
}
