package salesforcetest

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// outbox sends Outbound Messages: SOAP to a listener, again and again until it says
// that it has them.
type outbox struct {
	o      *Org
	client *http.Client

	mu      sync.Mutex
	wanted  []listener
	waiting []*message
	sent    int
	bell    chan struct{}
}

type listener struct {
	url, object string
	fields      []string
}

type message struct {
	listener
	notifications []string
	tries         int
	next          time.Time
}

func newOutbox(o *Org) *outbox {
	return &outbox{o: o, client: &http.Client{Timeout: 10 * time.Second}, bell: make(chan struct{}, 1)}
}

// Outbound lets each change of an object be sent to an address, with these fields.
func (o *Org) Outbound(url, object string, fields ...string) {
	o.outbound.mu.Lock()
	defer o.outbound.mu.Unlock()
	o.outbound.wanted = append(o.outbound.wanted, listener{url, object, fields})
}

// Unsent tells how many Outbound Messages were not acknowledged yet.
func (o *Org) Unsent() int {
	o.outbound.mu.Lock()
	defer o.outbound.mu.Unlock()
	return len(o.outbound.waiting)
}

// tell makes the messages of a transaction, one for each listener; twice is a message
// whose acknowledgement was lost on the way.
func (b *outbox) tell(changes []change, twice bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range b.wanted {
		m := &message{listener: l}
		for _, c := range changes {
			if c.object.name == l.object && c.after != nil {
				b.sent++
				m.notifications = append(m.notifications, notification(newID("04l", b.sent), l, c.after))
			}
		}
		if len(m.notifications) > 0 {
			b.waiting = append(b.waiting, m)
			if twice {
				again := *m
				b.waiting = append(b.waiting, &again)
			}
		}
	}
	select {
	case b.bell <- struct{}{}:
	default:
	}
}

func notification(id string, l listener, r row) string {
	var fields strings.Builder
	for _, name := range append([]string{"Id"}, l.fields...) {
		if r[name] != nil {
			fmt.Fprintf(&fields, "<sf:%s>%s</sf:%s>", name, escaped(fmt.Sprint(r[name])), name)
		}
	}
	return fmt.Sprintf(`<Notification><Id>%s</Id><sObject xsi:type="sf:%s" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">%s</sObject></Notification>`, id, l.object, fields.String())
}

func escaped(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer takes everything
	return out.String()
}

func (b *outbox) envelope(m *message) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>` +
		`<notifications xmlns="http://soap.sforce.com/2005/09/outbound"><OrganizationId>` + b.o.ID + `</OrganizationId><ActionId>` + newID("04k", 1) + `</ActionId><SessionId xsi:nil="true"/>` +
		`<EnterpriseUrl>` + b.o.URL + `/services/Soap/c/64.0/` + b.o.ID + `</EnterpriseUrl><PartnerUrl>` + b.o.URL + `/services/Soap/u/64.0/` + b.o.ID + `</PartnerUrl>` +
		strings.Join(m.notifications, "") + `</notifications></soapenv:Body></soapenv:Envelope>`
}

// run sends until the org closes.
func (b *outbox) run() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-b.o.closing
		cancel()
	}()
	for {
		wait := b.round(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-b.o.closing:
			timer.Stop()
			return
		case <-b.bell:
			timer.Stop()
		case <-timer.C:
		}
	}
}

// round sends what is due and tells how long nothing else is.
func (b *outbox) round(ctx context.Context) time.Duration {
	b.mu.Lock()
	due := append([]*message(nil), b.waiting...)
	b.mu.Unlock()
	wait := time.Hour
	for _, m := range due {
		if pause := time.Until(m.next); pause > 0 {
			wait = min(wait, pause)
			continue
		}
		if b.send(ctx, m) {
			b.done(m)
			continue
		}
		m.tries++
		pause := min(b.o.options.Retry<<min(m.tries-1, 20), 2*time.Hour)
		m.next = time.Now().Add(pause)
		wait = min(wait, pause)
	}
	return wait
}

func (b *outbox) done(m *message) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, other := range b.waiting {
		if other == m {
			b.waiting = append(b.waiting[:i], b.waiting[i+1:]...)
			return
		}
	}
}

// send tells whether the listener has acknowledged.
func (b *outbox) send(ctx context.Context, m *message) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url, strings.NewReader(b.envelope(m)))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "text/xml; charset=utf-8")
	request.Header.Set("SOAPAction", `""`)
	answer, err := b.client.Do(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	return err == nil && answer.StatusCode == http.StatusOK && bytes.Contains(body, []byte("<Ack>true</Ack>"))
}
