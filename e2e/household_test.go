package e2e

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// household is what all processes of one hub share: its database, keys and documents.
type household struct {
	ground *foundation
	folder string
	more   []string // settings of all its processes
}

// mailDomain is where the hub's letters come from.
const mailDomain = "chancery.example"

// settle makes the hub's schema. The hub's own keys come with its first process.
func settle(ground *foundation) (household, error) {
	h := household{ground: ground, folder: ground.folder}
	cmd := exec.Command(built.chancery, "migrate", "--owner-url", ground.DatabaseOwnerURL)
	cmd.Env = environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return h, fmt.Errorf("migrate: %w: %s", err, out)
	}
	return h, nil
}

// settings of a process, as environment variables. Later ones count.
func (h household) settings(more ...string) []string {
	at := h.ground
	return environment(append([]string{
		"CHANCERY_DATABASE_URL=" + at.DatabaseURL,
		"CHANCERY_ENGINE=" + at.Temporal,
		"CHANCERY_NAMESPACE=" + at.Namespace,
		"CHANCERY_VAULT_DIR=" + filepath.Join(h.folder, "vault"),
		"CHANCERY_KEY_FILE=" + filepath.Join(h.folder, "keys", "hub.key"),
		"CHANCERY_CACHE_DIR=" + filepath.Join(h.folder, "cache"),
		"CHANCERY_PUBLIC_URL=http://127.0.0.1:1",
		"CHANCERY_ORGANISATION=Hub under Test",
		"CHANCERY_SMTP_ADDRESS=" + at.SMTP,
		"CHANCERY_SMTP_TLS=plain",
		"CHANCERY_MAIL_DOMAIN=" + mailDomain,
		"CHANCERY_MAIL_FROM=signing@" + mailDomain,
		"CHANCERY_WEBHOOK_ALLOW_LOOPBACK=true",
		"CHANCERY_PRODUCTION_CALLS=1000000",
	}, append(slices.Clone(h.more), more...)...)...)
}

// serve starts an API process that answers at the address.
func (h household) serve(address string, more ...string) (*process, error) {
	cmd := exec.Command(built.chancery, "serve", "--listen", address)
	cmd.Env = h.settings(more...)
	return h.ready(cmd, address)
}

// work starts a worker process; its probes answer at the address.
func (h household) work(address string, more ...string) (*process, error) {
	cmd := exec.Command(built.chancery, "worker", "--metrics-listen", address)
	cmd.Env = h.settings(more...)
	return h.ready(cmd, address)
}

func (h household) ready(cmd *exec.Cmd, address string) (*process, error) {
	p, err := launch(cmd)
	if err != nil {
		return nil, err
	}
	if err := p.answers("http://" + address + "/readyz"); err != nil {
		p.kill()
		return nil, fmt.Errorf("start %s: %w: %s", strings.Join(cmd.Args[1:], " "), err, p.said)
	}
	return p, nil
}

// answers waits until the address says 200, or the process has ended.
func (p *process) answers(url string) error {
	return await(startPatience, func() error {
		select {
		case <-p.ended:
			return errors.New("it ended")
		default:
		}
		reply, err := http.Get(url)
		if err != nil {
			return err
		}
		reply.Body.Close()
		if reply.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", url, reply.Status)
		}
		return nil
	})
}

// command runs the program with the household's settings and returns what it prints.
func (h household) command(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(built.chancery, args...)
	cmd.Env = h.settings()
	var said journal
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("chancery %s: %v: %s", strings.Join(args, " "), err, said.String())
	}
	return string(out)
}

var teamLines = regexp.MustCompile(`^team (tm_\S+)\nkey  (\S+)\n$`)

// team makes a team and returns its API key.
func (h household) team(t testing.TB, kind, name string, preset ...string) (key string) {
	t.Helper()
	args := []string{"team", "create", "--kind", kind, "--name", name,
		"--sender-name", senderName, "--sender-email", senderEmail}
	for _, address := range preset {
		args = append(args, "--preset", address)
	}
	made := teamLines.FindStringSubmatch(h.command(t, args...))
	if made == nil {
		t.Fatal("chancery team create does not print a team and a key")
	}
	return made[2]
}

const senderName, senderEmail = "Dana Field", "dana@example.com"

// freeAddress is one of this machine's at which nobody listens yet.
func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
