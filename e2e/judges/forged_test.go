package judges

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/pki"
)

// Judges that accept everything would prove nothing.
func TestEveryJudgeNoticesAChangedByteAndAStranger(t *testing.T) {
	path := filepath.Join(corpus, kinds[0])
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no judge was put to the test: there is no %s", path)
	}
	o := newOffice(t, pki.P256)
	b := newBench(t, o, startClerk(t))
	stranger := newBench(t, newOffice(t, pki.P256), b.clerk)
	f := &fate{name: kinds[0], source: path}
	original, page, err := f.accept(t)
	must(t, err)
	d, err := o.sign(t.Context(), original, page, pades.LevelLTA)
	must(t, err)
	dir := t.TempDir()
	signed := keep(t, dir, "signed.pdf", d.file)
	wantRefused(t, "a stranger's root", map[string]error{
		"poppler": stranger.poppler(signed, signatures),
		"PDFBox":  stranger.pdfbox(signed, signatures, signatures, 1),
		"OpenSSL": stranger.openssl(t, d.file, signatures, 1),
	})
	at := bytes.Index(d.file, []byte("stream\n")) - 1 // white space in the original
	d.file[at] ^= '\n' ^ ' '
	signed, sealed := keep(t, dir, "changed.pdf", d.file), keep(t, dir, "sealed.pdf", d.file[:d.sealed])
	wantRefused(t, "a changed byte", map[string]error{
		"pades":   b.ours(d),
		"poppler": b.poppler(signed, signatures),
		"MuPDF":   b.mupdf(sealed, signatures),
		"PDFBox":  b.pdfbox(signed, signatures, signatures, 1),
		"OpenSSL": b.openssl(t, d.file, signatures, 1),
	})
}

func wantRefused(t *testing.T, what string, answers map[string]error) {
	t.Helper()
	for judge, err := range answers {
		if err == nil {
			t.Errorf("%s does not notice %s", judge, what)
		} else {
			t.Logf("%s, %s: %.120v", judge, what, err)
		}
	}
}
