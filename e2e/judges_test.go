package e2e

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// published reads the TXT records that `chancery mail dns` prints, as a resolver would serve them.
func published(t *testing.T) map[string]string {
	t.Helper()
	records := map[string]string{}
	for line := range strings.Lines(home.command(t, "mail", "dns")) {
		name, rest, ok := strings.Cut(line, " 3600 IN TXT ")
		if !ok {
			t.Fatalf("`chancery mail dns` prints %q", line)
		}
		records[name] = strings.NewReplacer(`" "`, "", `"`, "", "\n", "").Replace(rest)
	}
	return records
}

// expectedLetters are four invitations, and the completion for four signers and the sender.
const expectedLetters = 9

func judgeLetters(t *testing.T, folder string) {
	t.Helper()
	records, err := json.Marshal(published(t))
	must(t, err)
	letters, err := filepath.Glob(filepath.Join(folder, "*.eml"))
	must(t, err)
	if len(letters) != expectedLetters {
		t.Fatalf("the demo left %d letters, want %d", len(letters), expectedLetters)
	}
	for _, letter := range letters {
		// Debian's python3-dkim belongs to Debian's Python.
		out, err := exec.Command("/usr/bin/python3", "../mail/testdata/verify.py", letter, string(records)).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != "True True" {
			t.Errorf("dkim says %q, %v of %s; `make test-tools` installs python3-dkim", out, err, filepath.Base(letter))
		}
	}
}

func judgePDF(t *testing.T, path string, signatures int) {
	t.Helper()
	out, err := exec.Command("pdfsig", path).CombinedOutput()
	if valid := strings.Count(string(out), "Signature is Valid."); err != nil || valid != signatures {
		t.Errorf("pdfsig holds %d of %d signatures of %s valid, %v:\n%s", valid, signatures, filepath.Base(path), err, out)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf says of %s, %v:\n%s", filepath.Base(path), err, out)
	}
}
