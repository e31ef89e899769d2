package envelope

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"chancery/problem"
)

// Limits of tags. They are words to find and sort by, and no place for texts.
const (
	MaxTags = 10 // of an envelope, or of whoever listens to envelopes
	MaxTag  = 50 // characters
)

// TidyTag writes a tag in the one way in which it is kept and compared: as NFC
// (Unicode TR 15), without spaces around. Upper and lower case differ.
func TidyTag(said string) string { return strings.TrimSpace(norm.NFC.String(said)) }

// ReadTags takes tags as somebody wrote them. What is said twice is one tag.
func ReadTags(said []string) ([]string, error) {
	var tags []string
	for i, tag := range said {
		tag, at := TidyTag(tag), fmt.Sprintf("tags[%d]", i)
		if tag == "" {
			return nil, problem.Invalid("tag_empty", "A tag has at least one character.").At("%s", at)
		}
		if err := checkLine(tag, MaxTag, at); err != nil {
			return nil, err
		}
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
		if len(tags) > MaxTags {
			return nil, problem.TooLarge("too_many_tags", "There may be at most 10 tags.").At("tags")
		}
	}
	return tags, nil
}
