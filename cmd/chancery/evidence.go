package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"chancery/audit"
	"chancery/hub"
	"chancery/pades"
	"chancery/pki"
)

type trails struct {
	Verify auditVerify `cmd:"" help:"Check a downloaded audit trail, or every chain of the hub."`
}

type auditVerify struct {
	File string `arg:"" optional:"" type:"existingfile" help:"audit.json; without it every chain in the database is checked."`
	DatabaseSettings
}

// DatabaseSettings are enough to read the hub's chains.
type DatabaseSettings struct {
	DatabaseURL string `help:"PostgreSQL."`
	VaultDir    string `type:"path" help:"Where the column keys lie."`
	KeyFile     string `type:"path" help:"Key-encryption key."`
}

func (c auditVerify) Run(ctx context.Context) error {
	if c.File != "" {
		return verifyTrail(c.File)
	}
	store, err := hub.OpenRecords(ctx, hub.Config{DatabaseURL: c.DatabaseURL, VaultDir: c.VaultDir, KeyFile: c.KeyFile})
	if err != nil {
		return err
	}
	defer store.Close()
	intact := 0
	for chain, err := range store.VerifyChains(ctx) {
		if err != nil {
			return fmt.Errorf("check chain %s: %w", chain, err)
		}
		intact++
	}
	fmt.Printf("%d chains are intact\n", intact)
	return nil
}

func verifyTrail(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := audit.VerifyJSON(file); err != nil {
		return err
	}
	fmt.Println("intact")
	return nil
}

type verify struct {
	File  string `arg:"" type:"existingfile" help:"The PDF."`
	Trust string `type:"existingfile" help:"PEM file with the roots to trust; without it, who signed is shown but not vouched for."`
	JSON  bool   `help:"Print the whole report as JSON."`
}

// Exit codes of verify, for scripts.
const (
	exitChanged  = 4
	exitBroken   = 5
	exitUnsigned = 6
)

func (c verify) Run(ctx context.Context) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	roots, err := readRoots(c.Trust)
	if err != nil {
		return err
	}
	report, err := pades.Verify(ctx, file, info.Size(), pades.VerifyOptions{Roots: roots, Now: time.Now()})
	if err != nil {
		return err
	}
	if err := c.print(os.Stdout, report); err != nil {
		return err
	}
	switch report.Verdict {
	case pades.Intact:
		return nil
	case pades.Changed:
		return exit{exitChanged, fmt.Errorf("something was added after the last signature")}
	case pades.Unsigned:
		return exit{exitUnsigned, fmt.Errorf("the document is not signed")}
	}
	return exit{exitBroken, fmt.Errorf("a signature does not hold")}
}

func (c verify) print(w io.Writer, report pades.Report) error {
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(report)
	}
	fmt.Fprintf(w, "%s\n", report.Verdict)
	for _, s := range report.Signatures {
		fmt.Fprintf(w, "  %s by %s\n", s.Role, strings.TrimSuffix(s.Name+" <"+s.Email+">", " <>"))
		for _, finding := range s.Findings {
			fmt.Fprintf(w, "    but: %s\n", finding.Sentence)
		}
	}
	return nil
}

func readRoots(path string) ([]*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	roots, err := pki.Certificates(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return roots, nil
}
