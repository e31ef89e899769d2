package hub

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"

	"chancery/envelope"
	"chancery/id"
	"chancery/mail"
	"chancery/mail/returns"
	"chancery/problem"
)

// openReturns opens what makes the letters' return addresses; nil when nobody
// listens for letters that come back.
func openReturns(ctx context.Context, s secrets, c Config) (*returns.Tags, error) {
	if c.BounceListen == "" {
		return nil, nil
	}
	key, err := s.Secret(ctx, "returns", func() ([]byte, error) {
		fresh := make([]byte, 32)
		_, err := rand.Read(fresh)
		return fresh, err
	})
	if err != nil {
		return nil, err
	}
	return returns.NewTags(key, c.bounceDomain())
}

// returnAddress is where mail servers send a letter back to. One to the sender, or
// about an account, names nobody: that it came back is only noted in the log.
func (o *office) returnAddress(letterID string, to envelope.Recipient) string {
	if o.returns == nil {
		return o.from
	}
	tag := returns.Tag{Letter: envelope.Letter{ID: letterID}.Mark()}
	if raw, ok := id.Raw(id.Recipient, to.ID); ok {
		tag.Recipient, tag.LinkVersion = raw, uint16(to.LinkVersion)
	}
	return o.returns.Address(tag)
}

// refusal says in our own words why a mail server refuses a letter for good.
func refusal(err error) error {
	var reply *textproto.Error
	if !problem.Has(err, "mail_refused") || !errors.As(err, &reply) {
		return err
	}
	return problem.Conflict("mail_refused", returns.Refusal(reply)).Because(err)
}

// takeReturns takes letters that come back, until ctx ends.
func (h *Hub) takeReturns(ctx context.Context) error {
	listener, err := net.Listen("tcp", h.config.BounceListen)
	if err != nil {
		return fmt.Errorf("listen at %s: %w", h.config.BounceListen, err)
	}
	c := returns.Config{Name: h.config.host(), Tags: h.office.returns, Take: h.returned, Log: h.config.Log}
	if h.config.BounceCertificate != "" {
		c.Certificate = h.config.bounceCertificate
		if _, err := c.Certificate(); err != nil {
			return fmt.Errorf("read certificate for returned mail: %w", err)
		}
	}
	h.config.Log.Info("taking returned mail", "address", listener.Addr().String())
	return returns.Serve(ctx, listener, c)
}

// bounceCertificate is read at every handshake: it may have been renewed.
func (c Config) bounceCertificate() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.BounceCertificate, c.BounceKey)
	return &pair, err
}

// host is the name that people reach the hub by.
func (c Config) host() string {
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Hostname() == "" {
		return c.MailDomain
	}
	return public.Hostname()
}

// returned tells an envelope of a letter that came back. An error means that it
// must be told again later; whatever cannot be told any more is noted and done.
func (h *Hub) returned(ctx context.Context, r returns.Returned) error {
	log := h.config.Log.With("letter", fmt.Sprintf("%x", r.Tag.Letter), "kind", r.News.Kind, "status", r.News.Status)
	switch {
	case r.News.Kind == returns.Nothing:
		log.Info("mail came to a return address", "why", r.News.Why)
		return nil
	case r.Tag.Recipient == [16]byte{}:
		log.Warn("a letter to a sender or about an account came back")
		return nil
	}
	recipient := id.Of(id.Recipient, r.Tag.Recipient)
	e, err := h.Store.EnvelopeByRecipient(ctx, recipient)
	if err == nil {
		complaint := r.News.Kind == returns.Complaint
		err = h.desk.Bounce(ctx, e.ID, envelope.Bounce{
			ID: envelope.BounceID(recipient, r.Tag.Letter, complaint), Recipient: recipient,
			LinkVersion: int(r.Tag.LinkVersion), Reason: r.News.Reason(), Complaint: complaint,
		})
	}
	if found := problem.Of(err); err != nil && found.Kind != problem.KindInternal {
		log.Info("a letter came back, and nobody need know", "envelope", e.ID, "recipient", recipient, "why", found.Code)
		return nil
	}
	if err == nil {
		log.Info("a letter came back", "envelope", e.ID, "recipient", recipient)
	}
	return err
}

// returnZone is what the DNS must say for letters to come back; zero when nobody
// listens for them.
func (h *Hub) returnZone() mail.Returns {
	if h.office.returns == nil {
		return mail.Returns{}
	}
	return mail.Returns{Domain: h.config.bounceDomain(), Host: h.config.host(), Complaints: h.office.returns.Collecting()}
}
