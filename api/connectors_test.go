package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/envelope"
	"chancery/integration"
	capability "chancery/links"
	"chancery/postgres"
)

// till is a system with one type of record and one record, Deal 1.
type till struct{ fields object }

func tillSystem() connectors.System {
	return connectors.System{Name: "till", Title: "Till",
		Settings: []connectors.Setting{{Name: "shop", Title: "Shop"}, {Name: "pin", Title: "Pin", Secret: true}},
		Receiver: &connectors.Receiver{Where: "Above the drawer."},
		Open: func(c connectors.Connection, _ *http.Client) (connectors.Reader, error) {
			if c.Settings["pin"] != "1234" {
				return nil, &connectors.Failure{Trouble: connectors.Expired, Code: "PIN", Words: "wrong pin"}
			}
			return till{object{"Name": "The mill", "Who": "Ann Lee", "Mail": "ann@example.com", "Sum": json.Number("12.50")}}, nil
		}}
}

func (t till) Read(_ context.Context, ref connectors.Ref, _ []string) (connectors.Record, error) {
	if ref.ID != "1" {
		return connectors.Record{}, &connectors.Failure{Trouble: connectors.Gone, Words: "no such deal"}
	}
	return connectors.Record{Ref: ref, Version: "1", Fields: t.fields}, nil
}

func (t till) Test(context.Context) (string, error)    { return "shop 7", nil }
func (t till) Types(context.Context) ([]string, error) { return []string{"Deal"}, nil }

func (t till) Describe(_ context.Context, recordType string) (connectors.Schema, error) {
	if recordType != "Deal" {
		return connectors.Schema{}, &connectors.Failure{Trouble: connectors.Gone, Words: "no such type"}
	}
	s := connectors.Schema{Type: "Deal"}
	for name := range t.fields {
		s.Fields = append(s.Fields, connectors.Field{Name: name, Kind: connectors.Text, Writable: name != "Sum"})
	}
	return s, nil
}

// branches remembers what goes on by itself.
type branches struct{ heard []string }

func (b *branches) Go(_ context.Context, journey string) error { return b.add("go " + journey) }

func (b *branches) WriteBack(_ context.Context, back activities.Back) error {
	return b.add("write back " + back.Event)
}

func (b *branches) Survey(context.Context, mapping.Survey) error { return nil }

func (b *branches) Watch(_ context.Context, _ string, types []string) error {
	return b.add("watch " + strings.Join(types, ","))
}

func (b *branches) Reconcile(_ context.Context, connection string) error {
	return b.add("reconcile " + connection)
}

func (b *branches) Hear(_ context.Context, told activities.Told) error {
	return b.add("hear " + told.Connection)
}

func (b *branches) add(what string) error {
	b.heard = append(b.heard, what)
	return nil
}

// cupboard keeps templates in memory.
type cupboard map[string][]byte

func (c cupboard) KeepTemplate(_ context.Context, content []byte) (string, string, error) {
	name := fmt.Sprint("templates/", len(c))
	c[name] = content
	return name, "ab12", nil
}

func (c cupboard) Template(_ context.Context, blob string) ([]byte, error) { return c[blob], nil }

func (c cupboard) Accept(context.Context, string, string, io.Reader, int64) (envelope.Document, envelope.Revision, error) {
	return envelope.Document{}, envelope.Revision{}, errors.New("nothing is drawn up here")
}

// stamp makes links that say what they are for.
type stamp struct{}

func (stamp) Mint(l capability.Link) string { return string(l.Purpose) + "-" + l.Subject }

func (stamp) Open(capability.Purpose, string, time.Time) (capability.Link, error) {
	return capability.Link{}, errors.New("nothing is opened here")
}

func integrated(store *postgres.Store) *integration.Desk {
	later, shelf := &branches{}, cupboard{}
	systems := map[string]connectors.System{"till": tillSystem()}
	return &integration.Desk{Records: store, Cupboard: shelf, Drawing: &integration.Drawing{Records: store, Papers: shelf}, Systems: systems, Later: later, Links: stamp{}, Public: "https://hub.example/", Now: time.Now,
		Clerk: &activities.Clerk{Records: store, Systems: systems, Journeys: later, Now: time.Now, Link: func(envelope.Envelope) string { return "https://hub.example/" }}}
}

const dealMapping = `{"mapping": "Deal", "record": "Deal", "documents": [{"template": "deal"}], "title": {"path": "Name"}, "tags": [{"text": "deals"}, {"path": "Mail", "transform": "first"}],
	"recipients": [{"ref": "customer", "name": {"path": "Who"}, "email": {"path": "Mail"}}],
	"values": [{"field": "Sum", "path": "Sum", "transform": "money:EUR"}],
	"back": [{"on": "envelope.completed", "fields": [{"field": "Who", "cel": "envelope.recipients[0].name"}]}]}`

func (c caller) connect() string {
	c.scene.t.Helper()
	made := c.post("/v1/connections", object{"system": "till", "name": "Ours", "settings": map[string]string{"shop": "7", "pin": "1234"}}).want(201)
	return made.text("id")
}

func (c caller) mapped() (connection, mapping string) {
	c.scene.t.Helper()
	connection = c.connect()
	c.template("deal.html", "<p>{{Name}} [[sig:customer]]")
	made := c.post("/v1/mappings", object{"connection": connection, "enabled": true, "text": dealMapping}).want(201)
	return connection, made.text("id")
}

func (c caller) template(name, text string) reply {
	c.scene.t.Helper()
	return c.send("/v1/templates", name, []byte(text))
}

func TestATemplateTellsWhatItAsksFor(t *testing.T) {
	s := open(t)
	made := s.sandbox.template("Offer.html", "<p>{{Who}} {{#Lines}}<i>{{Sum}}</i>{{/Lines}}</p>").want(201)
	if made.text("name") != "Offer" || made.text("kind") != "html" {
		t.Errorf("made is %s", made.Body)
	}
	for _, which := range []string{made.text("id"), "offer"} {
		if seen := s.sandbox.get("/v1/templates/" + which).want(200); !strings.Contains(string(seen.Body), `"within":["Lines"]`) {
			t.Errorf("%s asks for %s", which, seen.Body)
		}
	}
	s.production.get("/v1/templates/"+made.text("id")).refused(404, "template_missing")
	s.sandbox.template("Broken.html", "<p>{{#Lines}} without an end").refused(422, "block_unclosed")
	s.sandbox.call("DELETE", "/v1/templates/offer", nil).want(204)
	s.sandbox.get("/v1/templates/offer").refused(404, "template_missing")
}

func TestAMappingIsHeldToWhatItsTemplatesAskFor(t *testing.T) {
	s := open(t)
	con := s.sandbox.connect()
	body := object{"connection": con, "enabled": false, "text": dealMapping}
	none := s.sandbox.post("/v1/mappings/check", body).want(200)
	s.sandbox.template("deal.html", "<p>{{Nme}}</p>").want(201)
	wrong := s.sandbox.post("/v1/mappings/check", body).want(200)
	s.sandbox.template("deal.html", "<p>{{Name}}</p>").want(201)
	right := s.sandbox.post("/v1/mappings/check", body).want(200)
	for want, got := range map[string]reply{"template_missing": none, "{{Nme}}": wrong, `"faults":[]`: right} {
		if !strings.Contains(string(got.Body), want) {
			t.Errorf("%s is not in %s", want, got.Body)
		}
	}
}

func TestAConnectionIsTriedAndItsSecretIsNeverShownAgain(t *testing.T) {
	s := open(t)
	wrong := s.sandbox.post("/v1/connections", object{"system": "till", "name": "Ours", "settings": map[string]string{"shop": "7", "pin": "1"}})
	wrong.refused(422, "system_refuses")
	if !strings.Contains(string(wrong.Body), "wrong pin") {
		t.Errorf("it does not say what the system says: %s", wrong.Body)
	}
	con := s.sandbox.connect()
	for _, reply := range []reply{s.sandbox.get("/v1/connections/" + con), s.sandbox.get("/v1/connections")} {
		if reply.want(200); strings.Contains(string(reply.Body), "1234") || !strings.Contains(string(reply.Body), "shop 7") {
			t.Errorf("shown is %s", reply.Body)
		}
		if address := `"news":"https://hub.example/news/` + con + `/n-` + con + `","news_where":"Above the drawer."`; !strings.Contains(string(reply.Body), address) {
			t.Errorf("the address of its news is not in %s", reply.Body)
		}
	}
	s.sandbox.call("PUT", "/v1/connections/"+con, object{"system": "till", "name": "Still ours", "settings": map[string]string{"shop": "8"}}).want(200)
	s.production.get("/v1/connections/"+con).refused(404, "connection_missing")
	s.production.call("PUT", "/v1/connections/"+con, object{"system": "till", "name": "Mine", "settings": map[string]string{}}).refused(404, "connection_missing")
	s.sandbox.call("DELETE", "/v1/connections/"+con, nil).want(204)
}

func TestAConnectionTellsHowItsRecordsCompare(t *testing.T) {
	s := open(t)
	con := s.sandbox.connect()
	if reply := s.sandbox.post("/v1/connections/"+con+"/compare", nil).want(202); strings.Contains(string(reply.Body), "compared") {
		t.Errorf("it is compared already: %s", reply.Body)
	}
	s.production.post("/v1/connections/"+con+"/compare", nil).refused(404, "connection_missing")
	must(t, s.store.Compared(t.Context(), con, connectors.Comparison{At: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), Same: 7, Drifted: 1}))
	reply := s.sandbox.get("/v1/connections/" + con).want(200)
	if want := `"compared":{"at":"2026-03-02T12:00:00Z","repaired":0,"stuck":0,"same":7,"drifted":1,"unread":0}`; !strings.Contains(string(reply.Body), want) {
		t.Errorf("it tells %s", reply.Body)
	}
}

func TestASystemTellsWhatItHas(t *testing.T) {
	s := open(t)
	con := s.sandbox.connect()
	s.sandbox.get("/v1/systems").want(200)
	if types := s.sandbox.get("/v1/connections/" + con + "/types").want(200); !strings.Contains(string(types.Body), "Deal") {
		t.Errorf("types are %s", types.Body)
	}
	s.sandbox.get("/v1/connections/" + con + "/types/Deal").want(200)
	s.sandbox.get("/v1/connections/"+con+"/types/Nothing").refused(422, "record_missing")
}

func TestAMappingThatCannotWorkIsRefusedWithAllItsFaults(t *testing.T) {
	s := open(t)
	con, _ := s.sandbox.mapped()
	faulty := strings.NewReplacer(`"path": "Mail"`, `"path": "Post"`, `"field": "Who"`, `"field": "Sum"`).Replace(dealMapping)
	refused := s.sandbox.post("/v1/mappings", object{"connection": con, "enabled": false, "text": faulty})
	refused.refused(422, "mapping_faulty")
	report := s.sandbox.post("/v1/mappings/check", object{"connection": con, "enabled": false, "text": faulty}).want(200)
	for _, body := range [][]byte{refused.Body, report.Body} {
		for _, want := range []string{"recipients[0].email", "field_unknown", "back[0].fields[0].field", "field_read_only"} {
			if !strings.Contains(string(body), want) {
				t.Errorf("%s is not in %s", want, body)
			}
		}
	}
	unread := s.sandbox.post("/v1/mappings/check", object{"connection": con, "enabled": false, "text": "nonsense: ["}).want(200)
	if !strings.Contains(string(unread.Body), "mapping_unreadable") {
		t.Errorf("what cannot be read is %s", unread.Body)
	}
}

func TestAPreviewSendsNothing(t *testing.T) {
	s := open(t)
	con, _ := s.sandbox.mapped()
	seen := s.sandbox.post("/v1/mappings/preview", object{"connection": con, "text": dealMapping, "record": "1"}).want(200)
	for _, want := range []string{"The mill", "ann@example.com", "12.50", `"Who":"Ann Lee"`, `"tags":["deals","ann@example.com"]`} {
		if !strings.Contains(strings.ReplaceAll(string(seen.Body), `": "`, `":"`), want) {
			t.Errorf("%s is not in %s", want, seen.Body)
		}
	}
	s.sandbox.post("/v1/mappings/preview", object{"connection": con, "text": dealMapping, "record": "2"}).refused(422, "record_missing")
	if list := s.sandbox.get("/v1/journeys").want(200); strings.Contains(string(list.Body), "jny_") {
		t.Errorf("journeys are %s", list.Body)
	}
}

func TestNobodyWritesOverSomebodyElsesMapping(t *testing.T) {
	s := open(t)
	_, mapping := s.sandbox.mapped()
	change := object{"version": 1, "enabled": false, "text": dealMapping}
	s.sandbox.call("PUT", "/v1/mappings/"+mapping, change).want(200)
	s.sandbox.call("PUT", "/v1/mappings/"+mapping, change).refused(409, "mapping_changed")
	s.production.get("/v1/mappings/"+mapping).refused(404, "mapping_missing")
}

func TestAJourneyIsBegunOnceUnderOneKey(t *testing.T) {
	s := open(t)
	_, mapping := s.sandbox.mapped()
	one := s.sandbox.post("/v1/journeys", object{"mapping": mapping, "record": "1"}, header{"Idempotency-Key", "journey-1"}).want(202)
	same := s.sandbox.post("/v1/journeys", object{"mapping": mapping, "record": "1"}, header{"Idempotency-Key", "journey-1"}).want(202)
	other := s.sandbox.post("/v1/journeys", object{"mapping": mapping, "data": object{"Name": "Brought"}}, header{"Idempotency-Key", "journey-2"}).want(202)
	if one.text("id") != same.text("id") || one.text("id") == other.text("id") {
		t.Errorf("journeys are %s, %s and %s", one.text("id"), same.text("id"), other.text("id"))
	}
	s.sandbox.get("/v1/journeys/" + one.text("id")).want(200)
	s.production.get("/v1/journeys/"+one.text("id")).refused(404, "journey_missing")
	s.sandbox.post("/v1/journeys/"+one.text("id")+"/retry", object{}).refused(409, "journey_needs_nothing")
	s.sandbox.post("/v1/journeys", object{"mapping": mapping}).refused(422, "record_or_data")
	must(t, s.store.Arrive(t.Context(), one.text("id"), connectors.Attention, "Stage needs a reason."))
	list := s.sandbox.get("/v1/journeys?status=attention").want(200)
	if !strings.Contains(string(list.Body), "Stage needs a reason.") {
		t.Errorf("attention is needed for %s", list.Body)
	}
	s.sandbox.post("/v1/journeys/"+one.text("id")+"/retry", object{}).want(202)
}
