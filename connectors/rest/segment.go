package rest

import (
	"net/url"
	"slices"
	"strings"

	"chancery/connectors"
)

var errNoSegment = &connectors.Failure{Trouble: connectors.Refused, Code: "id_invalid", Words: "An id is empty, or leads out of its place."}

// Segment is an id as one segment of a path (RFC 3986, 3.3). One that a server could
// take for a way out is refused: many unescape before they look for dots.
func Segment(id string) (string, error) {
	parts := strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '\\' })
	if len(parts) == 0 || slices.Contains(parts, "..") || slices.Contains(parts, ".") {
		return "", errNoSegment
	}
	return url.PathEscape(id), nil
}
