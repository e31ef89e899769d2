package pdf

import (
	"bytes"
	"fmt"
)

// Whole returns the bytes of a stream like Raw, for copying: the stream must end
// where its /Length says. Viewers look for the end themselves, so a copy of
// another length would show something else than the file it was taken from.
func (f *File) Whole(s *Stream) ([]byte, error) {
	data, err := f.Raw(s)
	if err != nil || s.Data != nil {
		return data, err
	}
	end := s.start + int64(len(data))
	after, err := f.window(end, len("\r\n\r\nendstream"))
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(bytes.TrimLeft(after, "\r\n\t\f\x00 "), []byte("endstream")) {
		return nil, damaged(fmt.Errorf("stream at %d does not end after %d bytes", s.start, len(data)))
	}
	return data, nil
}
