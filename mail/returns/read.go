package returns

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// maxBoundaries is how often a message may speak of boundaries. A report has three
// parts in one wrapper and brings back our letter, which has one more; each level
// of a deeper nest is read through all above it, so a deep one would take for ever.
const maxBoundaries = 24

var errTooNested = errors.New("the message has more parts in parts than any report")

// parser never guesses and keeps few complaints of its own.
var parser = enmime.NewParser(
	enmime.MaxStoredPartErrors(8), enmime.MultipartWOBoundaryAsSinglePart(true), enmime.SkipMalformedParts(true),
	enmime.DisableTextConversion(true), enmime.DisableCharacterDetection(true),
)

// Read says what a message means that was sent to a return address by from, which
// is empty for notices of mail servers. An error means that it cannot be read.
func Read(raw []byte, from string) (News, error) {
	if bytes.Count(bytes.ToLower(raw), []byte("boundary")) > maxBoundaries {
		return News{}, errTooNested
	}
	root, err := parser.ReadParts(bytes.NewReader(raw))
	if err != nil {
		return News{}, fmt.Errorf("read returned mail: %w", err)
	}
	if report := first(root, "message/feedback-report"); report != nil {
		return complaint(root, blocks(report.Content)), nil
	}
	if status := first(root, "message/delivery-status", "message/global-delivery-status"); status != nil {
		return delivery(blocks(status.Content)), nil
	}
	return unstructured(root, from), nil
}

func first(root *enmime.Part, types ...string) *enmime.Part {
	return root.BreadthMatchFirst(func(p *enmime.Part) bool {
		for _, t := range types {
			if strings.EqualFold(p.ContentType, t) {
				return true
			}
		}
		return false
	})
}

// block is a group of fields, by name in small letters. Of a field that is there
// twice the first counts.
type block map[string]string

// maxField is how much of a folded field is kept, in bytes: a status and a reply.
const maxField = 2000

// blocks reads groups of fields that are parted by empty lines. What is no field
// is passed over: programs write all kinds of things here.
func blocks(text []byte) []block {
	all := []block{{}}
	var last string
	for line := range strings.Lines(strings.ToValidUTF8(string(text), "")) {
		line = strings.TrimRight(line, "\r\n")
		now := all[len(all)-1]
		name, value, found := strings.Cut(line, ":")
		switch {
		case strings.TrimSpace(line) == "":
			if len(now) > 0 {
				all = append(all, block{})
			}
			last = ""
		case line[0] == ' ' || line[0] == '\t':
			if last != "" && len(now[last]) < maxField {
				now[last] += " " + strings.TrimSpace(line)
			}
		case found:
			last = ""
			if name = strings.ToLower(strings.TrimSpace(name)); now[name] == "" {
				last, now[name] = name, strings.TrimSpace(value)
			}
		default:
			last = ""
		}
	}
	return all
}

// original are the headers of the letter that a report brings back.
func original(root *enmime.Part) mail.Header {
	part := first(root, "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "message/global-headers")
	if part == nil {
		return mail.Header{}
	}
	read, err := mail.ReadMessage(bytes.NewReader(append(part.Content, "\r\n\r\n"...)))
	if err != nil {
		return mail.Header{}
	}
	return read.Header
}
