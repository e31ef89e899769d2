package outbox

import (
	"fmt"
	"net/smtp"
	"slices"
	"strings"
	"time"
)

// bouncing is the name of a mailbox that there is not, at every domain: a letter to
// it is kept, so that one can look at it, and comes back to whoever sent it.
const bouncing = "bounce"

// BounceTo lets letters to mailboxes named bounce come back to the mail server at
// address, host:port; before it is called they do not.
func (r *Receiver) BounceTo(address string) { r.bounceTo.Store(&address) }

// bounce sends a letter back in the background, as mail servers do.
func (r *Receiver) bounce(from string, recipients []string) {
	server := r.bounceTo.Load()
	i := slices.IndexFunc(recipients, func(to string) bool {
		name, _, _ := strings.Cut(to, "@")
		return strings.EqualFold(name, bouncing)
	})
	if server == nil || from == "" || i < 0 {
		return
	}
	r.returning.Go(func() {
		if err := smtp.SendMail(*server, nil, "", []string{from}, noSuchMailbox(from, recipients[i], time.Now())); err != nil {
			r.log.Warn("send a letter back", "error", err)
		}
	})
}

// noSuchMailbox is a delivery status notification (RFC 3464).
func noSuchMailbox(from, to string, now time.Time) []byte {
	const form = `From: Outbox <MAILER-DAEMON@localhost>
To: <%s>
Subject: Your letter could not be delivered
Date: %s
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="outbox"

--outbox
Content-Type: text/plain; charset=utf-8

There is no mailbox %s. This is the outbox, which plays a mail server.

--outbox
Content-Type: message/delivery-status

Reporting-MTA: dns; localhost

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox

--outbox--
`
	filled := fmt.Sprintf(form, from, now.Format(time.RFC1123Z), to, to)
	return []byte(strings.ReplaceAll(filled, "\n", "\r\n"))
}
