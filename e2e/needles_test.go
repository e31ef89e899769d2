package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// spellings are the forms in which a word may lie in a file.
func spellings(word []byte) map[string][]byte {
	forms := map[string][]byte{
		"as it is":          word,
		"in small letters":  bytes.ToLower(word),
		"in UTF-16, low":    wide(word, 0),
		"in UTF-16, high":   wide(word, 1),
		"in digits":         []byte(hex.EncodeToString(word)),
		"in capital digits": []byte(strings.ToUpper(hex.EncodeToString(word))),
		"quoted":            quoted(word),
		"in a JSON string":  escaped(word),
	}
	for shift := range 3 { // base64 looks different at each of three places
		for name, alphabet := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64 for addresses": base64.RawURLEncoding} {
			forms[fmt.Sprintf("in %s at %d", name, shift)] = inBase64(word, shift, alphabet)
		}
	}
	return forms
}

// inBase64 is what of the word is sure in base64, whatever stands before and after it.
func inBase64(word []byte, shift int, alphabet *base64.Encoding) []byte {
	text := alphabet.EncodeToString(append(make([]byte, shift), word...))
	begin := [3]int{0, 2, 3}[shift] // the first characters mix with what stands before
	return []byte(text)[begin : (shift+len(word))*8/6]
}

func wide(word []byte, order int) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(string(word))) {
		pair := [2]byte{byte(unit), byte(unit >> 8)}
		out = append(out, pair[order], pair[1-order])
	}
	return out
}

func quoted(word []byte) []byte {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write(word) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// escaped writes letters outside ASCII as JSON programs may.
func escaped(word []byte) []byte {
	var out bytes.Buffer
	for _, unit := range utf16.Encode([]rune(string(word))) {
		if unit < 0x80 {
			out.WriteByte(byte(unit))
		} else {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.Bytes()
}

// prefix is how much of a needle is looked up before the rest is compared, in bytes.
const prefix = 6

// needles are found in one pass over a file, however many there are.
type needles struct {
	count  int
	begins []bool // by the first two bytes
	all    map[string][]needle
}

type needle struct {
	name string
	text []byte
}

func newNeedles(words map[string][]byte) *needles {
	n := &needles{begins: make([]bool, 1<<16), all: map[string][]needle{}}
	for name, word := range words {
		for form, text := range spellings(word) {
			n.count++
			n.begins[int(text[0])<<8|int(text[1])] = true
			n.all[string(text[:prefix])] = append(n.all[string(text[:prefix])], needle{name + " " + form, text})
		}
	}
	return n
}

// search tells in which files of a folder the needles are, one line for each that is there.
func (n *needles) search(t *testing.T, folder string) (found []string, read int64) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		read += int64(len(content))
		short, _ := filepath.Rel(folder, path)
		found = append(found, n.in(short, content)...)
		return err
	}))
	return found, read
}

func (n *needles) in(file string, content []byte) (found []string) {
	seen := map[string]bool{}
	for i := 0; i+prefix <= len(content); i++ {
		if !n.begins[int(content[i])<<8|int(content[i+1])] {
			continue
		}
		for _, one := range n.all[string(content[i:i+prefix])] {
			if !seen[one.name] && bytes.HasPrefix(content[i:], one.text) {
				seen[one.name] = true
				found = append(found, fmt.Sprintf("%s: %s at byte %d", file, one.name, i))
			}
		}
	}
	return found
}
