package house

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"chancery/demo"
	"chancery/envelope"
	"chancery/standalone/disk"
	"chancery/team"
)

// Welcome prints the addresses to open. At the first start it also makes the
// sandbox team and prints its key, once.
func (h *House) Welcome(ctx context.Context, w io.Writer) error {
	made, key, err := h.firstTeam(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n  dashboard  %s\n", h.Hub.DashboardURL(made.ID))
	fmt.Fprintf(w, "  letters    %s\n", h.Outbox())
	fmt.Fprintf(w, "  API        %s/docs\n", h.URL())
	if key != "" {
		fmt.Fprintf(w, "  API key    %s   (team %s; shown this once)\n", key, made.Name)
	}
	return nil
}

const firstTeamName = "Sandbox"

// firstTeam is the sandbox that a new house has; its key is returned when it is new.
func (h *House) firstTeam(ctx context.Context) (team.Team, string, error) {
	all, err := h.Hub.Store.Teams(ctx)
	if err != nil {
		return team.Team{}, "", err
	}
	for _, t := range all {
		if t.Name == firstTeamName {
			return t, "", nil
		}
	}
	return h.Hub.CreateTeam(ctx, team.Team{
		Name: firstTeamName, Kind: team.Sandbox, Preset: demo.Preset(),
		Sender: envelope.Person{Name: "Dana Field", Email: "dana@example.com"},
	})
}

// DemoKey is the key of a team of its own for the demo, kept in a file that only
// we can read, so that every run of the demo uses the same team.
func (h *House) DemoKey(ctx context.Context) (string, error) {
	path := filepath.Join(h.options.Folder, "keys", "demo.key")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the demo's key: %w", err)
	}
	_, key, err := h.Hub.CreateTeam(ctx, team.Team{
		Name: "Demo", Kind: team.Sandbox, Preset: demo.Preset(),
		Sender: envelope.Person{Name: "Dana Field", Email: "dana@example.com"},
	})
	if err != nil {
		return "", err
	}
	return key, disk.Write(path, []byte(key+"\n"))
}
