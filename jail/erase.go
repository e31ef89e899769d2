package jail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"chancery/pades"
	"chancery/pades/erase"
	"chancery/problem"
)

// Erase takes letters off the pages of a file, in a jail, and writes it anew, so
// that nothing of them is left in it. The problem tag_stuck means that one of them
// could not be taken out of its page; the others are those of pades.Clean. units
// are those of erase.Letters.
func Erase(ctx context.Context, r io.ReaderAt, size int64, marks []erase.Mark) (file []byte, units map[int]float64, err error) {
	file, err = call(ctx, "erase", marks, r, size, &units)
	return file, units, err
}

func eraseLetters(ctx context.Context, v visit) (any, error) {
	var marks []erase.Mark
	if err := v.ask(&marks); err != nil {
		return nil, err
	}
	longer, units, err := erase.Letters(ctx, v, v.size, marks)
	if errors.Is(err, erase.ErrStuck) {
		return nil, problem.Invalid("tag_stuck", "A text tag is drawn in a way in which it cannot be taken off its page; place its field without a tag.").Because(err)
	}
	if err != nil {
		return nil, err
	}
	file, _, err := pades.Clean(ctx, bytes.NewReader(longer), int64(len(longer)))
	if err != nil {
		return nil, fmt.Errorf("write the file without its tags: %w", err)
	}
	_, err = v.out.Write(file)
	return units, err
}
