package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"chancery/problem"
)

// Programs of the system that turn documents into PDFs, where distributions have
// them: the programs themselves, not the scripts in front of them. Both are
// optional.
var (
	writers = []string{
		"/usr/lib/libreoffice/program/soffice.bin", "/usr/lib64/libreoffice/program/soffice.bin",
		"/opt/libreoffice*/program/soffice.bin",
	}
	browsers = []string{
		"/usr/lib/chromium/chromium", "/usr/lib/chromium-browser/chromium-browser", "/usr/lib64/chromium-browser/chromium-browser",
		"/opt/google/chrome/chrome", "/usr/lib/chromium/chrome-headless-shell",
	}
)

func installed(places []string) string {
	for _, place := range places {
		if found, _ := filepath.Glob(place); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

// CanWrite tells whether RenderDOCX can do anything, CanBrowse whether RenderHTML can.
func CanWrite() bool  { return installed(writers) != "" }
func CanBrowse() bool { return installed(browsers) != "" }

var (
	errNoWriter  = problem.Away("renderer_missing", "DOCX templates need LibreOffice, which is not installed on the hub (Debian: libreoffice-writer-nogui).")
	errNoBrowser = problem.Away("renderer_missing", "HTML templates need Chromium, which is not installed on the hub (Debian: chromium).")
	errUnmade    = problem.Invalid("render_failed", "This document cannot be turned into a PDF.")
	errLaborious = problem.Invalid("render_too_complex", "Turning this document into a PDF takes more time or memory than any document should.")
)

// RenderDOCX has LibreOffice make a PDF of a document of Word, in a jail with a
// home of its own that is gone afterwards. Problems are renderer_missing,
// render_failed and render_too_complex.
func RenderDOCX(ctx context.Context, file []byte) ([]byte, error) {
	return render(ctx, "writer", installed(writers), errNoWriter, file)
}

// RenderHTML has Chromium print a page, likewise: without scripts, without network
// and without files.
func RenderHTML(ctx context.Context, page []byte) ([]byte, error) {
	return render(ctx, "browser", installed(browsers), errNoBrowser, page)
}

type renderQuestion struct {
	Program string `json:"program"`
}

func render(ctx context.Context, job, program string, missing error, file []byte) ([]byte, error) {
	if program == "" {
		return nil, missing
	}
	out, err := run(ctx, job, renderQuestion{program}, bytes.NewReader(file), int64(len(file)))
	switch {
	case err != nil:
		return nil, err
	case !out.state.Success():
		return nil, errLaborious.Because(out.died())
	case out.err() != nil:
		return nil, fmt.Errorf("%w (%.500s)", out.err(), out.said)
	}
	return out.file, nil
}

// renderWriter is the job: LibreOffice in a home of its own.
func renderWriter(ctx context.Context, v visit) (any, error) {
	p, err := openProgram(v)
	if err != nil {
		return nil, err
	}
	if err := p.keep("in.docx", io.NewSectionReader(v, 0, v.size)); err != nil {
		return nil, err
	}
	if err := p.keep("profile/user/registrymodifications.xcu", strings.NewReader(writerSettings)); err != nil {
		return nil, err
	}
	err = p.run(ctx, "-env:UserInstallation=file://"+p.home+"/profile", "--headless", "--norestore", "--nolockcheck", "--nologo", "--nodefault",
		"--convert-to", `pdf:writer_pdf_Export:`+writerOptions, "--outdir", p.home, "in.docx")
	if err != nil {
		return nil, errUnmade.Because(err)
	}
	made, err := os.Open("in.pdf")
	if err != nil {
		return nil, errUnmade.Because(err)
	}
	defer made.Close()
	_, err = io.Copy(v.out, made)
	return nil, err
}

// writerOptions: with the structure that screen readers use, and without fields to
// fill in, which are ours to place.
const writerOptions = `{"UseTaggedPDF":{"type":"boolean","value":"true"},"ExportFormFields":{"type":"boolean","value":"false"}}`

// writerSettings of a profile: no macros, nothing looked up elsewhere, no links
// brought up to date.
const writerSettings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Setup/Product"><prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item>
</oor:items>
`

// program is one of the system's, running in a cell.
type program struct {
	path string
	home string
}

func openProgram(v visit) (program, error) {
	var asked renderQuestion
	if err := v.ask(&asked); err != nil {
		return program{}, err
	}
	home, err := os.Getwd()
	return program{asked.Program, home}, err
}

func (p program) keep(name string, from io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

func (p program) command(ctx context.Context, arguments ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, p.path, arguments...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.home, os.Stderr, os.Stderr
	cmd.SysProcAttr = tied()
	cmd.Env = []string{"HOME=" + p.home, "TMPDIR=" + p.home, "LANG=C.UTF-8", "SAL_USE_VCLPLUGIN=svp"}
	return cmd
}

// again is what LibreOffice ends with after it has settled into a new profile.
const again = 81

func (p program) run(ctx context.Context, arguments ...string) error {
	err := p.command(ctx, arguments...).Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == again {
		err = p.command(ctx, arguments...).Run()
	}
	return err
}
