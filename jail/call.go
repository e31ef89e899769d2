package jail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"chancery/pades"
)

// Inspect is pades.Inspect in a jail.
func Inspect(ctx context.Context, r io.ReaderAt, size int64) (pades.Inspection, error) {
	var found pades.Inspection
	_, err := call(ctx, "inspect", nil, r, size, &found)
	return found, err
}

// Verify is pades.Verify in a jail, for files from outside.
func Verify(ctx context.Context, r io.ReaderAt, size int64, options pades.VerifyOptions) (pades.Report, error) {
	question := verifyQuestion{Now: options.Now, Strict: options.Strict}
	for _, root := range options.Roots {
		question.Roots = append(question.Roots, root.Raw)
	}
	var report pades.Report
	_, err := call(ctx, "verify", question, r, size, &report)
	return report, err
}

// SecondOpinion is pades.SecondOpinion in a jail. An implementation that loses
// its life over a file has no opinion on it.
func SecondOpinion(ctx context.Context, r io.ReaderAt, size int64, report pades.Report) error {
	_, err := call(ctx, "opinion", report, r, size, nil)
	if errors.As(err, new(*fate)) {
		return fmt.Errorf("%w: %w", pades.ErrNoOpinion, err)
	}
	return err
}

// fate is the end of a child that gave no answer.
type fate struct{ error }

func (f *fate) Unwrap() error { return f.error }

// call runs a job and reads its answer. file is what it wrote; an answer may
// come with an error.
func call(ctx context.Context, job string, question any, r io.ReaderAt, size int64, answer any) (file []byte, err error) {
	out, err := run(ctx, job, question, r, size)
	if err != nil {
		return nil, err
	}
	if len(out.Answer) == 0 && out.err() == nil && !out.state.Success() {
		return nil, tooMuch(&fate{out.died()})
	}
	if len(out.Answer) > 0 && answer != nil {
		if err := json.Unmarshal(out.Answer, answer); err != nil {
			return nil, fmt.Errorf("read the answer of %s: %w", job, err)
		}
	}
	return out.file, out.err()
}
