package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"

	"github.com/jhillyerd/enmime/v2"
)

// outbox is the page that keeps the letters.
type outbox struct{ page *caller }

func openOutbox(url string) outbox { return outbox{newCaller(url, "")} }

// messageID of a letter of the hub.
func messageID(letter string) string { return "<" + letter + "@" + mailDomain + ">" }

// raw returns a letter by its id in the hub. The outbox names letters by the hash
// of their Message-ID, so no list needs to be searched.
func (o outbox) raw(letter string) ([]byte, error) {
	sum := sha256.Sum256([]byte(messageID(letter)))
	got, err := o.page.call(http.MethodGet, "/letters/"+hex.EncodeToString(sum[:16])+".eml", "", nil)
	if err == nil {
		err = got.err()
	}
	return got.body, err
}

// counts tells how often each Message-ID is there.
func (o outbox) counts() (map[string]int, error) {
	data, err := o.page.get("/letters")
	if err != nil {
		return nil, err
	}
	var letters []struct {
		MessageID string `json:"message_id"`
	}
	if err := json.Unmarshal(data, &letters); err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, l := range letters {
		counts[l.MessageID]++
	}
	return counts, nil
}

var signingPath = regexp.MustCompile(`/s/(?:[a-z0-9-]+\.)?[A-Za-z0-9_-]+`)

// link returns the path of the signing page that a letter leads to.
func (o outbox) link(letter string) (string, error) {
	raw, err := o.raw(letter)
	if err != nil {
		return "", err
	}
	parsed, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("read letter %s: %w", letter, err)
	}
	path := signingPath.FindString(parsed.Text)
	if path == "" {
		return "", fmt.Errorf("letter %s has no link to the signing page", letter)
	}
	return path, nil
}
