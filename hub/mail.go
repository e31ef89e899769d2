package hub

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"chancery/account"
	"chancery/envelope"
	"chancery/mail"
	"chancery/mail/returns"
)

// selectors name the hub's DKIM keys in the DNS.
var selectors = mail.Selectors{RSA: "chancery-rsa", Ed25519: "chancery-ed"}

// office writes, signs and hands in letters.
type office struct {
	stationery *mail.Stationery
	signer     *mail.Signer
	submitter  *mail.Submitter
	from       string
	returns    *returns.Tags // nil when nobody listens for letters that come back
	doors      doors
}

func openOffice(ctx context.Context, s secrets, c Config, d doors) (*office, mail.Keys, error) {
	o := &office{from: c.MailFrom, doors: d}
	stored, err := s.Secret(ctx, "dkim", func() ([]byte, error) {
		fresh, err := mail.NewKeys(rand.Reader)
		if err != nil {
			return nil, err
		}
		return fresh.Marshal()
	})
	if err != nil {
		return nil, mail.Keys{}, err
	}
	keys, err := mail.ParseKeys(stored)
	if err != nil {
		return nil, keys, err
	}
	if o.stationery, err = mail.NewStationery(mail.House{Name: c.Organisation, Email: c.MailFrom, Domain: c.MailDomain}); err != nil {
		return nil, keys, err
	}
	if o.signer, err = mail.NewSigner(c.MailDomain, selectors, keys); err != nil {
		return nil, keys, err
	}
	if o.returns, err = openReturns(ctx, s, c); err != nil {
		return nil, keys, err
	}
	o.submitter, err = mail.NewSubmitter(c.Mail)
	return o, keys, err
}

// Send writes a letter, signs it and hands it to the mail server.
func (o *office) Send(ctx context.Context, e envelope.Envelope, letter envelope.Letter, written time.Time) error {
	page := o.letter(e, letter, written)
	message, err := o.stationery.Render(page)
	if err != nil {
		return err
	}
	to, _ := e.Recipient(letter.Recipient)
	return o.post(ctx, mail.Envelope{From: o.returnAddress(letter.ID, to), To: page.To.Email}, message)
}

// SendNotice does the same with a letter about an account.
func (o *office) SendNotice(ctx context.Context, n account.Notice) error {
	message, err := o.stationery.RenderNotice(mail.Notice{
		ID: n.ID, Kind: string(n.Kind), Date: n.At, To: mail.Address{Name: n.To.Name, Email: n.To.Email},
		Link: n.Link, Good: n.Good, Who: n.Who, Organisation: n.Organisation, Team: n.Team, Level: n.Level,
		Key: n.Key, Email: n.Email, Reason: n.Reason, Count: n.Count, From: n.From.Address, Device: n.From.Device,
	})
	if err != nil {
		return err
	}
	return o.post(ctx, mail.Envelope{From: o.returnAddress(n.ID, envelope.Recipient{}), To: n.To.Email}, message)
}

func (o *office) post(ctx context.Context, wrapper mail.Envelope, message []byte) error {
	signed, err := o.signer.Sign(message)
	if err != nil {
		return err
	}
	return refusal(o.submitter.Submit(ctx, wrapper, signed))
}

// letter fills in what the envelope says. The sender is a reader without a link:
// they look at the dashboard.
func (o *office) letter(e envelope.Envelope, l envelope.Letter, written time.Time) mail.Letter {
	page := mail.Letter{
		ID: l.ID, Kind: mail.Kind(l.Kind), Date: written, Test: e.Test,
		Title: e.Title, Note: e.Message, Reason: e.Reason, Deadline: e.ExpiresAt,
		Sender: mail.Sender{Name: e.Sender.Name, Email: e.Sender.Email},
		To:     mail.Address{Name: e.Sender.Name, Email: e.Sender.Email},
		Who:    ender(e),
	}
	r, ok := e.Recipient(l.Recipient)
	if !ok {
		page.Link = strings.TrimSuffix(o.doors.public, "/") + "/dashboard/envelopes/" + e.ID
		if r, ok := e.Recipient(l.About); ok {
			page.Who = r.Person.Name
			page.Returned = mail.Returned{Email: r.Person.Email, Why: r.BounceReason, Complaint: r.Complained}
		}
		return page
	}
	page.To = mail.Address{Name: r.Person.Name, Email: r.Person.Email}
	page.Zone, page.Action = r.Zone, action(r.Role)
	page.Link = o.doors.SigningURL(e, r, 0, "")
	if from, ok := e.Recipient(r.DelegatedFrom); ok && l.Kind == envelope.Invitation {
		page.Kind, page.Who, page.Reason = mail.Delegated, from.Person.Name, from.Reason
	}
	return page
}

// ender is who ended the envelope early: somebody who declined, or the sender.
func ender(e envelope.Envelope) string {
	for _, r := range e.Recipients {
		if r.Status == envelope.HasDeclined {
			return r.Person.Name
		}
	}
	return e.Sender.Name
}

func action(role envelope.Role) mail.Action {
	switch role {
	case envelope.Signer:
		return mail.Sign
	case envelope.Approver:
		return mail.Approve
	}
	return mail.View
}

// MailRecords are the DNS records to publish, so that anyone can verify the hub's letters.
func (h *Hub) MailRecords() ([]mail.Record, error) {
	host, _, _ := strings.Cut(h.config.Mail.Addr, ":")
	records, err := mail.DNSRecords(mail.Zone{
		Domain: h.config.MailDomain, Selectors: selectors, Keys: h.mailKeys, Relay: host, Returns: h.returnZone(),
	})
	if err != nil {
		return nil, fmt.Errorf("list mail records: %w", err)
	}
	return records, nil
}

// TXT are the same records by name, as a resolver would answer.
func (h *Hub) TXT() (map[string]string, error) {
	records, err := h.MailRecords()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, r := range records {
		if r.Type != "" {
			continue
		}
		found[strings.TrimSuffix(r.Name, ".")] = r.Text
	}
	return found, nil
}
