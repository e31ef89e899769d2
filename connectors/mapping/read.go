package mapping

import (
	"bytes"
	"errors"
	"io"

	"github.com/goccy/go-yaml"

	"chancery/problem"
)

// Read reads a mapping. A member that is not known is a mistake, told with its
// line; the size is bounded by MaxSize.
func Read(document []byte) (Mapping, error) {
	var m Mapping
	if len(document) > MaxSize {
		return m, problem.TooLarge("mapping_too_large", "A mapping is larger than 256 KiB.")
	}
	// Without references: a few lines of them can stand for gigabytes.
	decoder := yaml.NewDecoder(bytes.NewReader(document), yaml.Strict(), yaml.DisallowUnknownField())
	if err := decoder.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return Mapping{}, problem.Invalid("mapping_unreadable", "The mapping cannot be read: "+where(err)).Because(err)
	}
	m.Written = string(document)
	return m, nil
}

// where says what is wrong on which line, without repeating the document.
func where(err error) string {
	return clean(yaml.FormatError(err, false, false), maxFault)
}

// maxFault bounds what is said about one fault, in characters.
const maxFault = 300

// Text is a mapping as its author wrote it, or as Read reads it where that is not known.
func Text(m Mapping) ([]byte, error) {
	if m.Written != "" {
		return []byte(m.Written), nil
	}
	return yaml.MarshalWithOptions(m, yaml.UseLiteralStyleIfMultiline(true))
}
