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
	return kept.letter()
}

func (r record) letter() (Letter, error) {
	envelope, err := enmime.ReadEnvelope(bytes.NewReader(r.Raw))
	if err != nil {
		return Letter{}, fmt.Errorf("read letter %s: %w", r.Summary.ID, err)
	}
	return Letter{
		Summary: r.Summary,
		Text:    envelope.Text,
		HTML:    withPictures(envelope),
		Links:   links(envelope.HTML, envelope.Text),
		Headers: headerBlock(r.Raw),
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

// links lists the addresses of both parts; a full stop after one belongs to the sentence.
func links(htmlPart, textPart string) []string {
	candidates := hrefs(htmlPart)
	for _, candidate := range plainLink.FindAllString(textPart, -1) {
		candidates = append(candidates, strings.TrimRight(candidate, ".,;:!?)]"))
	}
	var found []string
	for _, candidate := range candidates {
		if isLink(candidate) && !slices.Contains(found, candidate) {
			found = append(found, candidate)
		}
	}
	return found
}

func isLink(candidate string) bool {
	u, err := url.Parse(candidate)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func hrefs(document string) []string {
	var found []string
	for tokens := html.NewTokenizer(strings.NewReader(document)); tokens.Next() != html.ErrorToken; {
		token := tokens.Token()
		if token.Data != "a" {
			continue
		}
		for _, attribute := range token.Attr {
			if attribute.Key == "href" {
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
