package jail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"chancery/problem"
)

// mender is the program of the system that reads damaged and encrypted files
// better than we do: qpdf. It takes the place of a child, so it lives within the
// same limits. It is optional.
const mender = "qpdf"

type mendQuestion struct {
	Path     string `json:"path"`
	Password string `json:"password"`
}

// mend becomes the mender and does not return. The password goes through a pipe,
// where nobody sees it.
func mend(_ context.Context, v visit) (any, error) {
	var asked mendQuestion
	if err := v.ask(&asked); err != nil {
		return nil, err
	}
	words, say, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(say, asked.Password+"\n"); err != nil {
		return nil, err
	}
	_ = say.Close()
	descriptor := func(f *os.File) string { return fmt.Sprintf("/dev/fd/%d", f.Fd()) }
	for _, f := range []*os.File{words, v.in, v.out} {
		if err := inherit(f); err != nil {
			return nil, err
		}
	}
	lastLimits()
	arguments := []string{
		mender, "--password-file=" + descriptor(words), "--decrypt", "--warning-exit-0", "--deterministic-id",
		"--object-streams=disable", "--stream-data=preserve", descriptor(v.in), descriptor(v.out),
	}
	return nil, fmt.Errorf("become %s: %w", asked.Path, syscall.Exec(asked.Path, arguments, nil))
}

// Reasons why nobody could mend a file.
var (
	errNoMender      = errors.New("qpdf is not installed")
	errWrongPassword = problem.Invalid("pdf_password_wrong", "This is not the password of the PDF.")
)

// maxPassword is that of the strongest encryption (ISO 32000-2, 7.6.4.3.3), in
// bytes.
const maxPassword = 127

// mended is the file as the mender writes it: decrypted, and with a table of
// objects that was found by looking for them.
func mended(ctx context.Context, r io.ReaderAt, size int64, password string) ([]byte, error) {
	path, err := exec.LookPath(mender)
	if err != nil {
		return nil, errNoMender
	}
	if len(password) > maxPassword || strings.ContainsAny(password, "\r\n") {
		return nil, errWrongPassword
	}
	out, err := run(ctx, "mend", mendQuestion{path, password}, r, size)
	switch {
	case err != nil:
		return nil, err
	case out.err() != nil: // it did not become the mender
		return nil, out.err()
	case out.state.Success() && len(out.file) > 0:
		return out.file, nil
	case strings.Contains(out.said, "invalid password"):
		return nil, errWrongPassword
	}
	return nil, out.died()
}
