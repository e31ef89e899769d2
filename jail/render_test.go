package jail

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/pages"
	"chancery/problem"
)

// needs skips where a renderer is missing, and says what that costs.
func needs(t testing.TB, there bool, what string, cases int) {
	t.Helper()
	if !there {
		t.Skipf("skipped %d cases: %s is not installed", cases, what)
	}
}

const wordSpace = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`

// letter is a document of Word with this in its body.
func letter(t testing.TB, body string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"_rels/.rels":         `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   `<w:document ` + wordSpace + `><w:body>` + body + `</w:body></w:document>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// reading is the text of the first page.
func reading(t testing.TB, file []byte) string {
	t.Helper()
	reader := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pdfium")})
	t.Cleanup(func() { _ = reader.Close() })
	lines, err := reader.Text(t.Context(), pages.File{Key: t.Name(), Read: func(context.Context) ([]byte, error) { return file, nil }}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, line := range lines {
		all = append(all, line.Text)
	}
	return strings.Join(all, "\n")
}

func paragraph(text string) string { return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>" }

func TestALetterAndAPageBecomePDFs(t *testing.T) {
	needs(t, CanWrite() && CanBrowse(), "LibreOffice or Chromium", 2)
	for name, made := range map[string]func() ([]byte, error){
		"letter": func() ([]byte, error) { return RenderDOCX(t.Context(), letter(t, paragraph("Dear Ann"))) },
		"page":   func() ([]byte, error) { return RenderHTML(t.Context(), []byte("<p>Dear Ann")) },
	} {
		start := time.Now()
		file, err := made()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := reading(t, file); got != "Dear Ann" {
			t.Errorf("%s says %q", name, got)
		}
		t.Logf("%s: %d bytes after %s", name, len(file), time.Since(start).Round(time.Millisecond))
	}
}

// What a document asks for, it does not get: not a file that everybody may read, not
// a connection, not the work of a script.
func TestARendererReachesNothing(t *testing.T) {
	needs(t, CanWrite() && CanBrowse(), "LibreOffice or Chromium", 2)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	called := make(chan struct{}, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			called <- struct{}{}
			_ = c.Close()
		}
	}()
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("the secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	_ = os.Chmod(filepath.Dir(secret), 0o755)
	field := func(instruction string) string {
		return `<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>` + instruction + `</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>old</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`
	}
	address := fmt.Sprintf("http://%s/a.png", listener.Addr())
	document := letter(t, field(`INCLUDETEXT "`+secret+`"`)+field(`INCLUDETEXT "/etc/hostname"`)+field(`INCLUDEPICTURE "`+address+`"`)+paragraph("end"))
	page := fmt.Sprintf(`<p id=a>end<script>document.getElementById("a").textContent = "changed"</script><img src=%q><link rel=stylesheet href=%q><iframe src="file://%s"></iframe><object data="file://%[3]s"></object><img src=x onerror="document.body.textContent='changed'">`, address, address, secret)
	for name, made := range map[string]func() ([]byte, error){
		"letter": func() ([]byte, error) { return RenderDOCX(t.Context(), document) },
		"page":   func() ([]byte, error) { return RenderHTML(t.Context(), []byte(page)) },
	} {
		file, err := made()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := reading(t, file); !strings.Contains(got, "end") || strings.Contains(got, "secret") || strings.Contains(got, "changed") {
			t.Errorf("%s says %q", name, got)
		}
	}
	if len(called) > 0 {
		t.Errorf("%d connections", len(called))
	}
}

func TestWithoutARendererTheReasonIsSaid(t *testing.T) {
	defer func(w, b []string) { writers, browsers = w, b }(writers, browsers)
	writers, browsers = nil, []string{"/nowhere/*"}
	if _, err := RenderDOCX(t.Context(), nil); !problem.Has(err, "renderer_missing") || CanWrite() {
		t.Error(err)
	}
	if _, err := RenderHTML(t.Context(), nil); !problem.Has(err, "renderer_missing") || CanBrowse() {
		t.Error(err)
	}
}

func TestWhatCannotBeRenderedIsARefusal(t *testing.T) {
	needs(t, CanWrite(), "LibreOffice", 1)
	if _, err := RenderDOCX(t.Context(), []byte("PK\x03\x04 and nothing else")); !problem.Has(err, "render_failed") {
		t.Error(err)
	}
}

func TestARendererThatNeverEndsIsStopped(t *testing.T) {
	defer func(w []string) { writers = w }(writers)
	writers = []string{script(t, "sleep 1000")}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	start := time.Now()
	if _, err := RenderDOCX(ctx, []byte("x")); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %s", err, time.Since(start))
	}
	for deadline := time.Now().Add(10 * time.Second); alive(t, writers[0]); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the renderer has outlived its jail")
		}
	}
}

// alive tells whether a process of this machine was started with the path.
func alive(t *testing.T, path string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if words, err := os.ReadFile(line); err == nil && bytes.Contains(words, []byte(path)) {
			return true
		}
	}
	return false
}

// What a renderer finds in its cell: no file of ours, no network, no more memory
// than it may have.
func TestARenderersCellIsFenced(t *testing.T) {
	defer func(w []string) { writers = w }(writers)
	writers = []string{script(t, `
		cat /etc/passwd && echo reached a file
		ls / && echo reached a folder
		touch /usr/lib/x && echo reached a place to write
		(exec 3<>/dev/tcp/127.0.0.1/22) && echo reached the network
		kill -0 1 2>/dev/null
		ulimit -d; ulimit -t; ulimit -n
		head -c 8 in.docx`)}
	out, err := run(t.Context(), "writer", renderQuestion{writers[0]}, strings.NewReader("the file"), 8)
	if err != nil || strings.Contains(out.said, "reached") || !strings.Contains(out.said, "the file") || !strings.Contains(out.said, "\n60\n1024\n") {
		t.Errorf("%v: %s", err, out.said)
	}
}

// script is a program where renderers are looked for.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join("/usr/lib", fmt.Sprintf("chancery-test-%d", os.Getpid()))
	if err := os.WriteFile(path, []byte("#!/bin/bash\n"+body+"\n"), 0o755); err != nil {
		t.Skipf("skipped 1 case: only root may put a program where renderers are: %v", err)
	}
	t.Cleanup(func() { _ = os.Remove(path) })
	return path
}

func BenchmarkRenderDOCX(b *testing.B) {
	needs(b, CanWrite(), "LibreOffice", 1)
	file := letter(b, strings.Repeat(paragraph("Dear Ann, here are the lines of a page."), 40))
	for b.Loop() {
		if _, err := RenderDOCX(b.Context(), file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderHTML(b *testing.B) {
	needs(b, CanBrowse(), "Chromium", 1)
	for b.Loop() {
		if _, err := RenderHTML(b.Context(), []byte(strings.Repeat("<p>Dear Ann, here are the lines of a page.", 40))); err != nil {
			b.Fatal(err)
		}
	}
}
