package jail

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// renderBrowser is the job: Chromium prints a page. It is spoken to through two
// pipes, so it needs no port, and the page is handed over as text, so it has no
// address that files or other sites would trust.
func renderBrowser(ctx context.Context, v visit) (any, error) {
	p, err := openProgram(v)
	if err != nil {
		return nil, err
	}
	page, err := io.ReadAll(io.NewSectionReader(v, 0, v.size))
	if err != nil {
		return nil, err
	}
	b, err := p.browse(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	made, err := b.print(string(page))
	if err != nil {
		return nil, errUnmade.Because(err)
	}
	_, err = v.out.Write(made)
	return nil, err
}

// browserFlags: nothing that would look for other machines, devices or accounts.
// Its own sandbox is left off, because the cell allows no namespaces in it.
var browserFlags = []string{
	"--headless", "--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
	"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions", "--disable-breakpad",
	"--disable-crash-reporter", "--no-first-run", "--no-default-browser-check", "--proxy-server=127.0.0.1:9",
}

// browser is a Chromium that listens.
type browser struct {
	cmd     *exec.Cmd
	to      *os.File
	from    *bufio.Reader
	last    int
	session string
}

// browse starts the browser; its descriptors 3 and 4 are the pipes.
func (p program) browse(ctx context.Context) (*browser, error) {
	heard, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, said, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := p.command(ctx, append(browserFlags, "--user-data-dir="+p.home+"/profile")...)
	cmd.ExtraFiles = []*os.File{heard, said}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.path, err)
	}
	_, _ = heard.Close(), said.Close()
	return &browser{cmd: cmd, to: to, from: bufio.NewReader(from)}, nil
}

func (b *browser) close() {
	_ = b.cmd.Process.Kill()
	_ = b.cmd.Wait()
}

// message of the browser's protocol, either way.
type message struct {
	ID      int             `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

type params map[string]any

// ask sends a command and reads on until its answer comes.
func (b *browser) ask(method string, with params, answer any) error {
	b.last++
	words, err := json.Marshal(message{ID: b.last, Session: b.session, Method: method, Params: with})
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(words, 0)); err != nil {
		return fmt.Errorf("tell the browser to %s: %w", method, err)
	}
	for {
		said, err := b.hear()
		switch {
		case err != nil:
			return fmt.Errorf("hear what became of %s: %w", method, err)
		case said.Method == "Inspector.targetCrashed":
			return fmt.Errorf("the page crashed at %s", method)
		case said.ID != b.last:
			continue
		case said.Error != nil:
			return fmt.Errorf("%s: %s", method, said.Error.Message)
		case answer == nil:
			return nil
		}
		return json.Unmarshal(said.Result, answer)
	}
}

func (b *browser) hear() (message, error) {
	var said message
	words, err := b.from.ReadBytes(0)
	if err != nil {
		return said, err
	}
	return said, json.Unmarshal(words[:len(words)-1], &said)
}

// print opens an empty page, switches scripts off, puts the text in and prints it.
func (b *browser) print(page string) ([]byte, error) {
	var target struct {
		ID string `json:"targetId"`
	}
	if err := b.ask("Target.createTarget", params{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	var attached struct {
		Session string `json:"sessionId"`
	}
	if err := b.ask("Target.attachToTarget", params{"targetId": target.ID, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	b.session = attached.Session
	var tree struct {
		FrameTree struct {
			Frame struct {
				ID string `json:"id"`
			} `json:"frame"`
		} `json:"frameTree"`
	}
	if err := b.ask("Page.getFrameTree", nil, &tree); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		method string
		with   params
	}{
		{"Emulation.setScriptExecutionDisabled", params{"value": true}},
		{"Page.setDocumentContent", params{"frameId": tree.FrameTree.Frame.ID, "html": page}},
	} {
		if err := b.ask(step.method, step.with, nil); err != nil {
			return nil, err
		}
	}
	var printed struct {
		Data []byte `json:"data"`
	}
	err := b.ask("Page.printToPDF", params{"preferCSSPageSize": true, "printBackground": true, "generateTaggedPDF": true}, &printed)
	return printed.Data, err
}
