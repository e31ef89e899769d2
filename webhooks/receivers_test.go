package webhooks_test

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/evanw/esbuild/pkg/api"

	"chancery/webhooks"
)

// The programs of docs/webhooks.md are run as they stand there. Each takes what the
// hub sends, and nothing that somebody else has touched, copied or kept.
func TestTheReceiversOfTheDocumentationTellOursFromOthers(t *testing.T) {
	for name, command := range map[string]func(t *testing.T, source string) *exec.Cmd{
		"go":         builtGo,
		"typescript": stripped,
		"python": func(t *testing.T, source string) *exec.Cmd {
			return exec.Command("python3", written(t, "receiver.py", source))
		},
	} {
		t.Run(name, func(t *testing.T) {
			secret, other := newSecret(t), newSecret(t)
			url := running(t, command(t, documented(t, name)), secret)
			client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true})
			defer client.CloseIdleConnections()
			body, err := webhooks.Payload("recipient.signed", time.Now(), map[string]string{"name": "Zoë <Ω>"})
			if err != nil {
				t.Fatal(err)
			}
			genuine := webhooks.Delivery{EventID: "evt_1", URL: url, Body: body, Secrets: []webhooks.Secret{secret}, At: time.Now()}
			for why, tt := range map[string]struct {
				bend func(*webhooks.Delivery)
				want int
			}{
				"ours":                  {func(*webhooks.Delivery) {}, 204},
				"while a secret rolls":  {func(d *webhooks.Delivery) { d.Secrets = []webhooks.Secret{other, secret} }, 204},
				"under another secret":  {func(d *webhooks.Delivery) { d.Secrets = []webhooks.Secret{other} }, 400},
				"without a signature":   {func(d *webhooks.Delivery) { d.Secrets = nil }, 400},
				"from six minutes ago":  {func(d *webhooks.Delivery) { d.At = d.At.Add(-6 * time.Minute) }, 400},
				"six minutes too early": {func(d *webhooks.Delivery) { d.At = d.At.Add(6 * time.Minute) }, 400},
			} {
				d := genuine
				tt.bend(&d)
				if got := webhooks.Attempt(t.Context(), client, d); got.Status != tt.want {
					t.Errorf("%s: %+v", why, got)
				}
			}
			if got := altered(t, client, genuine); got != 400 {
				t.Errorf("another body under our signature: %d", got)
			}
		})
	}
}

// altered sends a delivery's headers with another body.
func altered(t *testing.T, client *http.Client, d webhooks.Delivery) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL, bytes.NewReader(append(d.Body, ' ')))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(webhooks.HeaderID, d.EventID)
	request.Header.Set(webhooks.HeaderTimestamp, strconv.FormatInt(d.At.Unix(), 10))
	request.Header.Set(webhooks.HeaderSignature, webhooks.Sign(d.EventID, d.At, d.Body, d.Secrets...))
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// documented is the program in that language.
func documented(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(text, -1)
	if len(found) != 1 {
		t.Fatalf("docs/webhooks.md has %d programs in %s", len(found), language)
	}
	return string(found[0][1])
}

func written(t *testing.T, name, source string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func builtGo(t *testing.T, source string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "receiver")
	if out, err := exec.Command("go", "build", "-o", program, written(t, "receiver.go", source)).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exec.Command(program)
}

// stripped is TypeScript without its types, for node; package api checks them.
func stripped(t *testing.T, source string) *exec.Cmd {
	t.Helper()
	out := api.Transform(source, api.TransformOptions{Loader: api.LoaderTS, Format: api.FormatESModule})
	if len(out.Errors) > 0 {
		t.Fatalf("%+v", out.Errors)
	}
	return exec.Command("node", written(t, "receiver.mjs", string(out.Code)))
}

// running starts a receiver and returns its address once it listens.
func running(t *testing.T, command *exec.Cmd, secret webhooks.Secret) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := strings.Cut(address, ":")
	command.Env = append(os.Environ(), "PORT="+port, "WEBHOOK_SECRET="+secret.Reveal())
	command.Stderr = t.Output()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			connection.Close()
			return "http://" + address + "/"
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the receiver does not listen: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
