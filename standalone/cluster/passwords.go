package cluster

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"chancery/standalone/disk"
)

// passwords are one secret for each role, made once and kept beside the other keys.
type passwords struct {
	Superuser string `json:"postgres"`
	Temporal  string `json:"temporal"`
	Owner     string `json:"chancery_owner"`
	Hub       string `json:"chancery"`
}

// loadPasswords reads the passwords, or draws them the first time. They are on the disk
// before the cluster is made: a crash in between costs nothing but another initdb.
func loadPasswords(folder string) (passwords, error) {
	path := filepath.Join(folder, "keys", "postgres.json")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return drawPasswords(path)
	}
	if err != nil {
		return passwords{}, fmt.Errorf("read database passwords: %w", err)
	}
	var p passwords
	if err := json.Unmarshal(content, &p); err != nil {
		return passwords{}, fmt.Errorf("read database passwords in %s: %w", path, err)
	}
	return p, nil
}

func drawPasswords(path string) (passwords, error) {
	// Letters and digits alone (130 bits): safe inside SQL literals and URLs as they are.
	p := passwords{Superuser: rand.Text(), Temporal: rand.Text(), Owner: rand.Text(), Hub: rand.Text()}
	content, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return passwords{}, fmt.Errorf("write database passwords: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return passwords{}, fmt.Errorf("make folder for keys: %w", err)
	}
	return p, disk.Write(path, content)
}
