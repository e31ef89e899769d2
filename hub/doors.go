package hub

import (
	"fmt"
	"strings"
	"time"

	"chancery/envelope"
	"chancery/links"
)

// afterEnd is how long a link goes on to open an envelope's pages after its
// expiry, so that people can fetch what they have signed.
const afterEnd = 90 * 24 * time.Hour

// doors makes the addresses that people are sent to.
type doors struct {
	keys   *links.Keys
	public string
}

// Subject of a recipient's links: a newer version makes older links useless.
func subject(r envelope.Recipient) string { return fmt.Sprintf("%s.%d", r.ID, r.LinkVersion) }

// SigningURL is where a recipient signs; lifetime 0 lasts as long as the envelope
// and some time after. Pages of origin may show it in a frame; "" lets nobody.
func (d doors) SigningURL(e envelope.Envelope, r envelope.Recipient, lifetime time.Duration, origin string) string {
	until := e.ExpiresAt.Add(afterEnd)
	if lifetime > 0 {
		until = time.Now().Add(lifetime)
	}
	link := links.Link{Purpose: links.Sign, Subject: subject(r), Expires: until}
	if origin != "" {
		link.Purpose, link.Subject = links.Embed, link.Subject+" "+origin
	}
	token := d.keys.Mint(link)
	return strings.TrimSuffix(d.public, "/") + "/s/" + token
}
