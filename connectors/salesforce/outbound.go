package salesforce

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/problem"
)

// Limits of an Outbound Message: Salesforce puts at most 100 notifications into one.
const (
	MaxOutbound   = connectors.MaxCall
	maxOutboundOf = connectors.MaxNews
	maxXMLDepth   = 32
)

// Outbound reads an Outbound Message of the organisation org. Nothing in it can be
// trusted, since nobody signs it: it is a hint to read those records again, and
// whoever sends one only makes us look.
func Outbound(message io.Reader, org string, at time.Time) ([]connectors.News, error) {
	limited := &io.LimitedReader{R: message, N: MaxOutbound + 1}
	var got notifications
	err := readSOAP(xml.NewDecoder(limited), &got)
	switch {
	case limited.N == 0:
		return nil, problem.TooLarge("outbound_too_large", "An Outbound Message is larger than 1 MiB.")
	case err != nil:
		return nil, problem.Invalid("outbound_unreadable", "This is no Outbound Message.").Because(err)
	case !anID.MatchString(got.Org) || !anID.MatchString(org) || got.Org[:15] != org[:15]:
		return nil, problem.Denied("outbound_other_org", "The message is of another organisation.")
	case len(got.All) > maxOutboundOf:
		return nil, problem.TooLarge("outbound_too_large", "An Outbound Message has more than 100 notifications.")
	}
	var news []connectors.News
	for _, n := range got.All {
		_, object, colon := strings.Cut(n.Record.Type, ":")
		if !colon {
			object = n.Record.Type
		}
		if !anID.MatchString(n.ID) || !anID.MatchString(n.Record.ID) || !aName.MatchString(object) {
			return nil, problem.Invalid("outbound_unreadable", "This is no Outbound Message.")
		}
		news = append(news, connectors.News{ID: "outbound/" + n.ID, Ref: connectors.Ref{Type: object, ID: n.Record.ID}, Kind: connectors.Updated, At: at})
	}
	return news, nil
}

type notifications struct {
	Org string `xml:"OrganizationId"`
	All []struct {
		ID     string `xml:"Id"`
		Record struct {
			Type string `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
			ID   string `xml:"urn:sobject.enterprise.soap.sforce.com Id"`
		} `xml:"sObject"`
	} `xml:"Notification"`
}

// readSOAP goes to the notifications and reads them. A document type is refused:
// nobody needs one here, and entities come with it.
func readSOAP(d *xml.Decoder, to *notifications) error {
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("a document type")
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if depth++; depth > maxXMLDepth {
				return errors.New("too deep")
			}
			if t.Name.Space == "http://soap.sforce.com/2005/09/outbound" && t.Name.Local == "notifications" {
				return d.DecodeElement(to, &t)
			}
		}
	}
}

// Acknowledgement is the answer, as text/xml, that an Outbound Message wants. Without
// it the org sends the message again for a day.
const Acknowledgement = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>
`
