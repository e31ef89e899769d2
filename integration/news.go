package integration

import (
	"context"
	"strings"
	"time"

	"chancery/activities"
	"chancery/connectors"
	"chancery/links"
	"chancery/problem"
	"chancery/rate"
)

// Links opens and mints capability links.
type Links interface {
	Open(purpose links.Purpose, token string, now time.Time) (links.Link, error)
	Mint(link links.Link) string
}

// newsLink opens the address at which a connection's system tells news, and nothing else.
const newsLink links.Purpose = "n"

// noEnd is the end of an address that is good for as long as its connection.
var noEnd = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// newsRate bounds the calls of one connection's system: ten a second, of up to
// connectors.MaxNews pieces each.
var newsRate = rate.Limit{Name: "news", Calls: 600, Per: time.Minute}

// keeping bounds how long a system waits until its news are kept. Salesforce gives up
// after ten seconds.
const keeping = 8 * time.Second

// errNoAddress is one answer for all addresses that are none: a wrong token, a
// connection that is gone, or one whose system does not call.
var errNoAddress = problem.Missing("page_missing", "Nothing is kept at this address.")

var errNotKept = problem.Away("news_not_kept", "The news cannot be kept at the moment; please tell them again.")

// Address is where a connection's system tells news, and where to enter it there.
// Both are "" for a system that does not call.
func (d *Desk) Address(c connectors.Connection) (address, where string) {
	system, err := d.System(c.System)
	if err != nil || system.Receiver == nil || c.ID == "" {
		return "", ""
	}
	token := d.Links.Mint(links.Link{Purpose: newsLink, Subject: c.ID, Expires: noEnd})
	return strings.TrimSuffix(d.Public, "/") + "/news/" + c.ID + "/" + token, system.Receiver.Where
}

// Listener opens the address of a connection, for one call of its system.
func (d *Desk) Listener(ctx context.Context, connectionID, token string) (connectors.Connection, error) {
	link, err := d.Links.Open(newsLink, token, d.Now())
	if err != nil || link.Subject != connectionID {
		return connectors.Connection{}, errNoAddress.Because(err)
	}
	c, err := d.Records.ConnectionByLink(ctx, connectionID)
	if problem.Has(err, "connection_missing") {
		return c, errNoAddress.Because(err)
	}
	if err != nil {
		return c, err
	}
	if system, err := d.System(c.System); err != nil || system.Receiver == nil {
		return c, errNoAddress.Because(err)
	}
	return c, nil
}

// MayTell counts a call of a connection's system; wait is how long until another one
// is taken, when this one is too many.
func (d *Desk) MayTell(ctx context.Context, c connectors.Connection) (wait time.Duration, allowed bool) {
	standing := d.Calls.Take(ctx, "news/"+c.ID, newsRate)
	return standing.Reset, standing.Allowed
}

// Tell takes the news out of a call and answers once they are kept: what follows from
// them happens later. The record is read again then, with our own credentials.
func (d *Desk) Tell(ctx context.Context, c connectors.Connection, call connectors.Call) (answer, mediaType string, err error) {
	system, err := d.System(c.System)
	if err != nil {
		return "", "", err
	}
	call.At = d.Now()
	call.Address, _ = d.Address(c)
	news, refused := system.Receiver.Read(c, call)
	if len(news) > connectors.MaxNews {
		return "", "", connectors.ErrTooMuchNews
	}
	if len(news) > 0 {
		ctx, cancel := context.WithTimeout(ctx, keeping)
		defer cancel()
		if err := d.Later.Hear(ctx, activities.Told{Connection: c.ID, News: news}); err != nil {
			return "", "", errNotKept.Because(err)
		}
	}
	return system.Receiver.Answer, system.Receiver.AnswerType, refused
}
