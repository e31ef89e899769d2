package main

import (
	"context"
	"fmt"
	"os"

	"chancery/audit"
	"chancery/hub"
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
