package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// deployment is a whole hub in one process, as `make run` starts it, with a data
// directory of its own.
type deployment struct {
	url, outbox, key string
	folder           string
	process          *process
}

var (
	firstKey   = regexp.MustCompile(`its API key is shown this once: (\S+)`)
	outboxLine = regexp.MustCompile(`letters +(http\S+)`)
)

// deploy starts a hub at the address and waits until it answers.
func deploy(t *testing.T, address string, more ...string) *deployment {
	t.Helper()
	d := &deployment{url: "http://" + address, folder: filepath.Join(openFolder(t), "data")}
	cmd := exec.Command(built.standalone, append([]string{"run", "--data", d.folder, "--listen", address,
		"--temporal-port", "0", "--smtp-port", "0", "--http-port", "0"}, more...)...)
	cmd.Env = environment()
	var err error
	d.process, err = launch(cmd)
	must(t, err)
	d.process.attend(t, "standalone run")
	must(t, d.process.answers(d.url+"/readyz"))
	eventually(t, startPatience, "the first words of the hub", func() error {
		said := d.process.said.String()
		key, letters := firstKey.FindStringSubmatch(said), outboxLine.FindStringSubmatch(said)
		if key == nil || letters == nil {
			return fmt.Errorf("it has said %s", lastLines(said, 5))
		}
		d.key, d.outbox = key[1], letters[1]
		return nil
	})
	return d
}
