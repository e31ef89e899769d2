package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// foundation is what hubs stand on: PostgreSQL, the engine and the outbox, as
// `standalone engine` starts them.
type foundation struct {
	DatabaseOwnerURL string `json:"database_owner_url"`
	DatabaseURL      string `json:"database_url"`
	Temporal         string `json:"temporal"`
	Namespace        string `json:"namespace"`
	SMTP             string `json:"smtp"`
	Outbox           string `json:"outbox"`

	folder  string
	process *process
}

// startPatience is how long any part may take to be ready on a busy machine.
const startPatience = 2 * time.Minute

func layFoundation(folder string) (*foundation, error) {
	f := &foundation{folder: folder}
	cmd := exec.Command(built.standalone, "engine", "--data", folder,
		"--temporal-port", "0", "--pg-port", "0", "--smtp-port", "0", "--http-port", "0")
	cmd.Env = environment()
	out, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer out.Close()
	cmd.Stdout = in
	f.process, err = launch(cmd)
	in.Close()
	if err != nil {
		return nil, err
	}
	if err := out.SetReadDeadline(time.Now().Add(startPatience)); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, f)
	}
	if err != nil {
		f.stop()
		return nil, fmt.Errorf("start the engine: %w: %s", err, f.process.said)
	}
	return f, nil
}

func (f *foundation) stop() { f.process.stop() }

// ownFoundation is one that only this test uses.
func ownFoundation(t *testing.T) *foundation {
	t.Helper()
	f, err := layFoundation(filepath.Join(openFolder(t), "data"))
	if err != nil {
		t.Fatal(err)
	}
	f.process.attend(t, "standalone engine")
	return f
}

// openFolder is one that any user may pass through, which PostgreSQL needs; t.TempDir is not.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "chancery-e2e-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o711); err != nil {
		t.Fatal(err)
	}
	return folder
}
