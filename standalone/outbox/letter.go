package outbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/net/html"

	"chancery/problem"
)

// Letter is one letter, read: what a person sees and what a test looks for.
type Letter struct {
	Summary
	Text    string   // the plain text part; empty if there is none
	HTML    string   // the HTML part with its own pictures inside; empty if there is none
	Links   []string // every http(s) address in either part, in order, once each
	Headers string   // the header block as it came
}

// Letter gives a letter back, read.
func (o *Outbox) Letter(id string) (Letter, error) {
	kept, err := o.find(id)
	if err != nil {
		return Letter{}, err
	}
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(kept.Raw))
	if err != nil {
		return Letter{}, fmt.Errorf("read letter %s: %w", id, err)
	}
	return Letter{
		Summary: kept.Summary,
		Text:    envelope.Text,
		HTML:    withPictures(envelope),
		Links:   links(envelope.HTML, envelope.Text),
		Headers: headerBlock(kept.Raw),
	}, nil
}

// summarise reads what the list shows. A letter whose headers cannot be read is refused
// at the door, while its sender still listens.
func summarise(raw []byte, recipients []string, now time.Time) (Summary, error) {
	root, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return Summary{}, problem.Invalid("letter_unreadable", "The letter is not in the form that RFC 5322 asks for.").Because(err)
	}
	messageID := strings.TrimSpace(root.GetHeader("Message-ID"))
	return Summary{
		ID:        identity(messageID, raw),
		To:        recipients,
		From:      root.GetHeader("From"),
		Subject:   root.GetHeader("Subject"),
		Date:      now.UTC(),
		MessageID: messageID,
	}, nil
}

// withPictures puts the pictures that came with the letter (cid: addresses, RFC 2392)
// into its HTML, because a page shown without network cannot fetch them.
func withPictures(envelope *enmime.Envelope) string {
	var pairs []string
	for _, part := range slices.Concat(envelope.Inlines, envelope.OtherParts) {
		if part.ContentID == "" || !strings.HasPrefix(part.ContentType, "image/") {
			continue
		}
		data := "data:" + part.ContentType + ";base64," + base64.StdEncoding.EncodeToString(part.Content)
		pairs = append(pairs, "cid:"+url.PathEscape(part.ContentID), data, "cid:"+part.ContentID, data)
	}
	return strings.NewReplacer(pairs...).Replace(envelope.HTML)
}

var plainLink = regexp.MustCompile(`https?://[^\s<>"]+`)

func links(htmlPart, textPart string) []string {
	found := hrefs(htmlPart)
	for _, link := range plainLink.FindAllString(textPart, -1) {
		found = append(found, strings.TrimRight(link, ".,;:!?)]"))
	}
	var once []string
	for _, link := range found {
		if !slices.Contains(once, link) {
			once = append(once, link)
		}
	}
	return once
}

func hrefs(document string) []string {
	var found []string
	for tokens := html.NewTokenizer(strings.NewReader(document)); tokens.Next() != html.ErrorToken; {
		token := tokens.Token()
		if token.Data != "a" {
			continue
		}
		for _, attribute := range token.Attr {
			if attribute.Key == "href" && plainLink.MatchString(attribute.Val) {
				found = append(found, attribute.Val)
			}
		}
	}
	return found
}

// headerBlock is everything before the first empty line.
func headerBlock(raw []byte) string {
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw[:len(raw)-len(body)]))
}
