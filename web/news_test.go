package web_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/connectors/salesforce/salesforcetest"
	"chancery/id"
	"chancery/links"
	"chancery/team"
	"chancery/web"
)

// org is one of Salesforce, with a connection of the team to it.
func (h *house) org(of team.Team) (*salesforcetest.Org, connectors.Connection) {
	h.t.Helper()
	o, err := salesforcetest.Start(salesforcetest.Options{Retry: 10 * time.Millisecond})
	h.must(err)
	h.t.Cleanup(o.Close)
	c, err := h.integration.SaveConnection(h.t.Context(), connectors.Connection{Team: of.ID, System: "salesforce", Name: "Our org", Settings: map[string]string{
		"grant": "jwt", "login_url": o.URL, "client_id": o.ClientID, "username": o.Username, "private_key": string(o.PrivateKey),
	}})
	h.must(err)
	return o, c
}

// started lets records of a type start journeys by themselves.
func (h *house) started(c connectors.Connection, recordType, start string) {
	h.t.Helper()
	m, err := mapping.Read([]byte("mapping: Deal\nrecord: " + recordType + "\nstart: " + start + `
documents: [{template: deal}]
title: {path: Name}
recipients: [{ref: customer, name: {path: Name}, email: {path: Name}}]
`))
	h.must(err)
	_, err = h.store.SaveMapping(h.t.Context(), mapping.Kept{Team: c.Team, Connection: c.ID, Enabled: true, Author: "usr_x", Mapping: m})
	h.must(err)
}

func (h *house) wantJourneys(of team.Team, want int) {
	h.t.Helper()
	all, _, err := h.store.Journeys(h.t.Context(), of.ID, "", "", 10)
	h.must(err)
	if len(all) != want {
		h.t.Errorf("%d journeys have begun, want %d", len(all), want)
	}
}

// address is where a connection's system tells news, as its page shows it.
func (h *house) address(c connectors.Connection) string {
	h.t.Helper()
	_, page := h.ask("/dashboard/connectors/connections/" + c.ID)
	shown := between(page, `<p class="address"><code>`, `</code>`)
	if !strings.HasPrefix(shown, h.server.URL+"/news/"+c.ID+"/") {
		h.t.Fatalf("the page shows the address %q", shown)
	}
	return shown
}

// deafen lets nothing that systems tell be kept, until it is undone.
func (h *house) deafen(why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deaf = why
}

func signLink(subject string, now time.Time) links.Link {
	return links.Link{Purpose: links.Sign, Subject: subject, Expires: now.Add(time.Hour)}
}

// call makes a call as a system does.
func (h *house) call(address, body string, header map[string]string) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, address, strings.NewReader(body))
	h.must(err)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	reply, err := http.DefaultClient.Do(r)
	h.must(err)
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	h.must(err)
	return reply, string(text)
}

func (h *house) unsent(o *salesforcetest.Org, want int) {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); o.Unsent() != want; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("%d messages are not acknowledged, want %d", o.Unsent(), want)
		}
	}
}

func TestAnOutboundMessageBeginsOneJourneyHoweverOftenItComes(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, c := h.org(sandbox)
	h.started(c, "Opportunity", `{on: [updated], when: 'record.StageName == "Proposal"'}`)
	o.Outbound(h.address(c), "Opportunity", "Name")

	h.deafen(errors.New("the engine is away"))
	o.Break(salesforcetest.Faults{Twice: true})
	o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"StageName": "Proposal"})
	time.Sleep(50 * time.Millisecond)
	h.unsent(o, 2)
	h.wantJourneys(sandbox, 0)

	h.deafen(nil)
	h.unsent(o, 0)
	h.wantJourneys(sandbox, 1)
	o.Update("Opportunity", o.Seeded().Opportunity, map[string]any{"Name": "Another name"})
	h.unsent(o, 0)
	h.wantJourneys(sandbox, 1)
}

const (
	soapHead = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">`
	soapTail = `<Notification><Id>04lKz0000000001AAA</Id><sObject xsi:type="sf:Opportunity" xmlns:sf="urn:sobject.enterprise.soap.sforce.com"><sf:Id>006Kz0000000001IAA</sf:Id></sObject></Notification></notifications></Body></Envelope>`
)

func TestACallThatIsNotOfTheConnectionsSystemHasNoEffect(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, c := h.org(sandbox)
	_, other := h.org(sandbox)
	h.started(c, "Opportunity", "{on: [updated]}")
	h.started(other, "Opportunity", "{on: [updated]}")
	good := soapHead + "<OrganizationId>" + o.ID + "</OrganizationId>" + soapTail
	address, theirs, till := h.address(c), h.address(other), h.connected(sandbox)
	token := address[strings.LastIndex(address, "/"):]
	at := h.server.URL + "/news/"
	for name, tt := range map[string]struct {
		address, body string
		status        int
		code          string
	}{
		"a token that is forged":          {address[:len(address)-1] + "_", good, 404, "page_missing"},
		"a token of another connection":   {at + c.ID + theirs[strings.LastIndex(theirs, "/"):], good, 404, "page_missing"},
		"a connection that is none":       {at + id.New(id.Connection) + token, good, 404, "page_missing"},
		"a system that does not call":     {at + till.ID + token, good, 404, "page_missing"},
		"a signing link in its place":     {at + c.ID + "/" + h.links.Mint(signLink(c.ID, h.clock())), good, 404, "page_missing"},
		"a message of another org":        {address, strings.Replace(good, o.ID, "00DKz0000000002MAA", 1), 403, "outbound_other_org"},
		"a message that is none":          {address, "<x>", 422, "outbound_unreadable"},
		"a message that is too large":     {address, good + strings.Repeat(" ", connectors.MaxCall), 413, "news_too_large"},
		"a message with too many of them": {address, soapHead + "<OrganizationId>" + o.ID + "</OrganizationId>" + strings.Repeat(strings.TrimSuffix(soapTail, "</notifications></Body></Envelope>"), 101) + "</notifications></Body></Envelope>", 413, "outbound_too_large"},
	} {
		reply, page := h.call(tt.address, tt.body, nil)
		if reply.StatusCode != tt.status || !strings.Contains(page, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %s %s", name, reply.Status, page)
		}
	}
	h.wantJourneys(sandbox, 0)
	reply, page := h.call(address, good, nil)
	if reply.StatusCode != http.StatusOK || reply.Header.Get("Content-Type") != "text/xml; charset=utf-8" || !strings.Contains(page, "<Ack>true</Ack>") {
		t.Errorf("the same without a fault: %s %s", reply.Status, page)
	}
	h.wantJourneys(sandbox, 1)
	if reply, _ := h.ask(address); reply.StatusCode != http.StatusNotFound {
		t.Errorf("looking at the address: %s", reply.Status)
	}
}

func TestWhoeverGuessesAnAddressOfNewsIsSlowedAndNobodyElse(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	o, c := h.org(sandbox)
	address := h.address(c)
	last := http.StatusNotFound
	for range 100 {
		if reply, _ := h.call(address[:len(address)-1]+"_", "", nil); reply.StatusCode != last {
			last = reply.StatusCode
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("guesses end with %d", last)
	}
	if reply, page := h.call(address, soapHead+"<OrganizationId>"+o.ID+"</OrganizationId>"+soapTail, nil); reply.StatusCode != http.StatusOK {
		t.Errorf("a call at the address: %s %s", reply.Status, page)
	}
}

// signed is a call as HubSpot signs it.
func signed(secret, address, body string, at time.Time) map[string]string {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	io.WriteString(mac, "POST"+address+body+stamp)
	return map[string]string{"X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "Content-Type": "application/json"}
}

// log holds what is logged.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestACallThatHubSpotHasSignedBeginsOneJourney(t *testing.T) {
	var logged log
	h := newHouse(t, func(c *web.Config) { c.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	h.found(ada)
	_, sandbox := h.head()
	c := connectors.Connection{ID: id.New(id.Connection), Team: sandbox.ID, System: "hubspot", Name: "Our HubSpot", CreatedAt: h.clock(),
		Settings: map[string]string{"token": "pat-1", "client_secret": "hush", "app_id": "77", "portal": "62515"}}
	h.must(h.store.SaveConnection(t.Context(), c))
	h.started(c, "deals", "{on: [updated]}")
	address := h.address(c)
	event := func(number, more string) string {
		return `[{"eventId":` + number + `,"portalId":62515,"subscriptionType":"deal.propertyChange","objectId":1,"occurredAt":1700000000000` + more + `}]`
	}
	body := event("100", "")
	now := h.clock()
	for name, header := range map[string]map[string]string{
		"none":                    {},
		"with another secret":     signed("other", address, body, now),
		"of another address":      signed("hush", address+"?", body, now),
		"of another body":         signed("hush", address, event("101", ""), now),
		"of six minutes ago":      signed("hush", address, body, now.Add(-6*time.Minute)),
		"of a time yet to come":   signed("hush", address, body, now.Add(6*time.Minute)),
		"with another time on it": with(signed("hush", address, body, now), "X-HubSpot-Request-Timestamp", strconv.FormatInt(now.Add(time.Second).UnixMilli(), 10)),
	} {
		if reply, page := h.call(address, body, header); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "hook_forged") {
			t.Errorf("signature %s: %s %s", name, reply.Status, page)
		}
	}
	ours := event("102", `,"changeSource":"INTEGRATION","sourceId":"77"`)
	if reply, page := h.call(address, ours, signed("hush", address, ours, now)); reply.StatusCode != http.StatusOK {
		t.Errorf("our own change: %s %s", reply.Status, page)
	}
	theirs := strings.Replace(event("103", ""), "62515", "62516", 1)
	if reply, page := h.call(address, theirs, signed("hush", address, theirs, now)); reply.StatusCode != http.StatusForbidden || !strings.Contains(page, "hook_other_account") {
		t.Errorf("of another account: %s %s", reply.Status, page)
	}
	if !strings.Contains(logged.String(), "code=hook_other_account") {
		t.Error("nothing is logged of another account's call")
	}
	h.wantJourneys(sandbox, 0)
	for range 2 {
		if reply, page := h.call(address, body, signed("hush", address, body, now)); reply.StatusCode != http.StatusOK {
			t.Errorf("signed well: %s %s", reply.Status, page)
		}
	}
	h.wantJourneys(sandbox, 1)
	other := strings.Replace(body, `"objectId":1`, `"objectId":2`, 1) // the same id, and another thing
	if reply, page := h.call(address, other, signed("hush", address, other, now)); reply.StatusCode != http.StatusOK {
		t.Errorf("another deal: %s %s", reply.Status, page)
	}
	h.wantJourneys(sandbox, 2)
	mixed := strings.TrimSuffix(theirs, "]") + "," + strings.TrimPrefix(strings.Replace(event("104", ""), `"objectId":1`, `"objectId":3`, 1), "[")
	if reply, page := h.call(address, mixed, signed("hush", address, mixed, now)); reply.StatusCode != http.StatusForbidden {
		t.Errorf("another account's and ours: %s %s", reply.Status, page)
	}
	h.wantJourneys(sandbox, 3)
	var many []string
	for n := range connectors.MaxNews + 1 {
		many = append(many, strings.Trim(event(strconv.Itoa(200+n), ""), "[]"))
	}
	much := "[" + strings.Join(many, ",") + "]"
	if reply, page := h.call(address, much, signed("hush", address, much, now)); reply.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(page, "news_too_many") {
		t.Errorf("too much in one call: %s %s", reply.Status, page)
	}
	h.wantJourneys(sandbox, 3)
}

func with(header map[string]string, name, value string) map[string]string {
	header[name] = value
	return header
}

func TestASystemThatCallsTooOftenIsToldToWait(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	_, sandbox := h.head()
	_, c := h.org(sandbox)
	_, other := h.org(sandbox)
	address, theirs := h.address(c), h.address(other)
	for n := range 601 {
		reply, page := h.call(address, "", nil)
		if wait := reply.Header.Get("Retry-After"); (n < 600) != (reply.StatusCode == http.StatusUnprocessableEntity) || n == 600 && (reply.StatusCode != http.StatusTooManyRequests || wait != "60") {
			t.Fatalf("call %d: %s, wait %q: %s", n+1, reply.Status, wait, page)
		}
	}
	if reply, _ := h.call(theirs, "", nil); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("another connection: %s", reply.Status)
	}
	h.wait(time.Minute)
	if reply, _ := h.call(address, "", nil); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a minute later: %s", reply.Status)
	}
}
