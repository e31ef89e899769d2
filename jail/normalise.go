package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"chancery/pades"
	"chancery/problem"
)

// Result is what became of an upload.
type Result struct {
	Found   pades.Inspection `json:"found"`             // the upload as it came
	Kept    pades.Inspection `json:"kept"`              // the file as it is kept
	Removed []string         `json:"removed,omitempty"` // kinds of what was taken out
	File    []byte           `json:"-"`                 // nil: the upload is kept byte for byte
}

// Normalise inspects an upload and writes it anew where that makes it safe:
// without active content, say, or mended by qpdf when it is damaged, or decrypted
// when password is right. A file that nothing speaks against is left as it is.
// The error is the reason why a file cannot be signed whatever one does; the
// result then still has what was found.
//
// Besides the codes of pades.Inspect there is pdf_password_wrong.
func Normalise(ctx context.Context, r io.ReaderAt, size int64, password string) (Result, error) {
	result, err := normalised(ctx, r, size, false)
	if !problem.Has(err, "pdf_damaged") && !problem.Has(err, "pdf_encrypted") {
		return result, err
	}
	better, failed := mended(ctx, r, size, password)
	if failed != nil {
		err = hopeless(err, failed, password)
		return explained(result, err), err
	}
	second, err := normalised(ctx, bytes.NewReader(better), int64(len(better)), true)
	second.Found = mendable(result.Found, second.Found)
	return second, err
}

// hopeless is why neither we nor the mender can read a file.
func hopeless(reason, failed error, password string) error {
	switch {
	case ctxError(failed):
		return failed
	case problem.Has(failed, "pdf_password_wrong") && password != "":
		return failed
	case problem.Has(failed, "pdf_password_wrong"):
		return needsPassword.Because(reason)
	}
	return problem.Of(reason).Because(fmt.Errorf("%w; not mended: %w", reason, failed))
}

// explained says in the report what the error says.
func explained(r Result, err error) Result {
	var p *problem.Problem
	for i := range r.Found.Reasons {
		if last := &r.Found.Reasons[i]; last.Severity == pades.Refused && errors.As(err, &p) {
			last.Code, last.Sentence = p.Code, p.Public
		}
	}
	return r
}

func ctxError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

var needsPassword = problem.Invalid("pdf_encrypted", "This PDF is protected by a password; please send it again together with its password.")

// mendable is what was found before and after mending: what the mender has dealt
// with is no reason to refuse the file any more.
func mendable(before, after pades.Inspection) pades.Inspection {
	before.Version, before.Pages, before.Objects = after.Version, after.Pages, after.Objects
	for i := range before.Reasons {
		if r := &before.Reasons[i]; r.Code == "pdf_damaged" || r.Code == "pdf_encrypted" {
			r.Severity = pades.Normalised
			r.Sentence = mendedWords[r.Code]
		}
	}
	for _, r := range after.Reasons {
		if !before.Has(r.Code) {
			before.Reasons = append(before.Reasons, r)
		}
	}
	return before
}

var mendedWords = map[string]string{
	"pdf_damaged":   "The file is damaged; what could be found of it was put together again.",
	"pdf_encrypted": "The file is encrypted, which signing rules out.",
}

type normaliseQuestion struct {
	Rewrite bool `json:"rewrite"` // even if nothing speaks against the file
}

func normalised(ctx context.Context, r io.ReaderAt, size int64, rewrite bool) (Result, error) {
	var result Result
	file, err := call(ctx, "normalise", normaliseQuestion{rewrite}, r, size, &result)
	if len(file) > 0 && err == nil {
		result.File = file
	}
	return result, err
}

// normalise is the job itself.
func normalise(ctx context.Context, v visit) (any, error) {
	var asked normaliseQuestion
	if err := v.ask(&asked); err != nil {
		return nil, err
	}
	var result Result
	found, err := pades.Inspect(ctx, v, v.size)
	result.Found, result.Kept = found, found
	if found.Severity() == pades.Refused || err == nil && !asked.Rewrite {
		return result, err
	}
	file, removed, err := pades.Clean(ctx, v, v.size)
	if err != nil {
		return result, err
	}
	result.Removed = removed
	if result.Kept, err = pades.Inspect(ctx, bytes.NewReader(file), int64(len(file))); err != nil {
		return result, stubborn(err)
	}
	_, err = v.out.Write(file)
	return result, err
}

// stubborn is about what Clean could not take out.
func stubborn(err error) error {
	p := problem.Of(err)
	if p.Kind == problem.KindInternal {
		return err
	}
	return problem.Invalid(p.Code, p.Public+" It cannot be taken out; print the document to a PDF and upload that.").Because(err)
}
