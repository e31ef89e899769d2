package jail

import (
	"bytes"
	"os"
	"testing"
)

func TestTryW(t *testing.T) {
	docx, err := os.ReadFile("/tmp/tmpl/a.docx")
	if err != nil {
		t.Fatal(err)
	}
	made, err := RenderDOCX(t.Context(), docx)
	if err != nil || !bytes.HasPrefix(made, []byte("%PDF")) {
		t.Errorf("%d %v", len(made), err)
	}
}
func TestTryB(t *testing.T) {
	made, err := RenderHTML(t.Context(), []byte("<h1>Hi</h1><p>Text <img src='file:///etc/passwd'>"))
	if err != nil || !bytes.HasPrefix(made, []byte("%PDF")) {
		t.Errorf("%d %v", len(made), err)
	}
	os.WriteFile("/tmp/tmpl/h.pdf", made, 0o644)
}
