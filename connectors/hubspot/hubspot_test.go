package hubspot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/connectors"
	"chancery/connectors/connectorstest"
	"chancery/connectors/hubspot"
	"chancery/connectors/hubspot/hubspottest"
	"chancery/connectors/mapping"
	"chancery/webhooks"
)

func start(t *testing.T) *hubspottest.Account {
	t.Helper()
	a := hubspottest.Start()
	t.Cleanup(a.Close)
	return a
}

func connect(t *testing.T, a *hubspottest.Account, settings map[string]string) connectors.Reader {
	t.Helper()
	client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowHTTP: true})
	t.Cleanup(client.CloseIdleConnections)
	settings["address"] = a.URL
	if err := hubspot.System().Check(settings); err != nil {
		t.Fatal(err)
	}
	c, err := hubspot.System().Open(connectors.Connection{Settings: settings}, client)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func byToken(a *hubspottest.Account) map[string]string { return map[string]string{"token": a.Token} }

func byOAuth(a *hubspottest.Account) map[string]string {
	return map[string]string{"client_id": a.ClientID, "client_secret": a.ClientSecret, "refresh_token": a.Refresh}
}

func deal(a *hubspottest.Account) connectors.Ref {
	return connectors.Ref{Type: "deals", ID: a.Seeded().Deal}
}

func TestItDoesWhatEachConnectorMust(t *testing.T) {
	for name, settings := range map[string]func(*hubspottest.Account) map[string]string{"as a private app": byToken, "by OAuth": byOAuth} {
		t.Run(name, func(t *testing.T) {
			connectorstest.Run(t, func(t *testing.T) connectorstest.Subject { return subject(t, settings) })
		})
	}
}

func subject(t *testing.T, settings func(*hubspottest.Account) map[string]string) connectorstest.Subject {
	a := start(t)
	for i := range 250 {
		a.Create("products", map[string]string{"name": fmt.Sprintf("Part %03d", i)})
	}
	gone := a.Create("deals", map[string]string{"dealname": "Gone"})
	a.Archive("deals", gone)
	secrets := []string{a.Token, a.ClientSecret, a.Refresh, "oauth-0"}
	return connectorstest.Subject{
		Connector: connect(t, a, settings(a)),
		Talents:   []connectorstest.Talent{connectorstest.Finds, connectorstest.Writes, connectorstest.Files, connectorstest.Describes, connectorstest.Tests},
		Record:    deal(a),
		Reads: map[string]string{"dealname": "Pumps for Köln", "amount": "48250.10", "companies.name": `Ämter & Söhne "GmbH"`, "contacts.email": "ann@example.com",
			"line_items.name": "Pump", "id": a.Seeded().Deal},
		ReadCalls: 4, // the deal, and one for each type that is associated
		List:      "line_items", Text: "signed_by", ReadOnly: "hs_is_closed",
		Gone: connectors.Ref{Type: "deals", ID: gone}, Many: "products", ManyOf: 250,
		Secrets: secrets, Wait: 10 * time.Second,
		Break:  func(b connectorstest.Break) { breakAccount(a, b) },
		Touch:  func(field, value string) { a.Update("deals", a.Seeded().Deal, map[string]string{field: value}) },
		Value:  func(field string) string { return a.Value("deals", a.Seeded().Deal, field) },
		Files:  func() int { on, _ := a.Files("deals", a.Seeded().Deal); return len(on) },
		Calls:  func() int { return a.Usage().API },
		Logins: func() int { return a.Usage().Tokens },
	}
}

func breakAccount(a *hubspottest.Account, b connectorstest.Break) {
	faults := map[connectorstest.Break]hubspottest.Fault{
		connectorstest.Throttled: hubspottest.Throttled, connectorstest.Failing: hubspottest.Failing, connectorstest.Down: hubspottest.Down,
		connectorstest.Locked: hubspottest.Locked, connectorstest.Strange: hubspottest.Strange, connectorstest.Hanging: hubspottest.Hanging,
	}
	a.Break(faults[b])
	a.Away(b == connectorstest.Away)
	switch b {
	case connectorstest.TokenEnds:
		a.ExpireTokens()
	case connectorstest.Revoked:
		a.Revoke()
	case connectorstest.Lost:
		a.Lose("/")
	}
}

func failure(t *testing.T, err error) *connectors.Failure {
	t.Helper()
	var f *connectors.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	return f
}

func TestSpentCallsAndAMoveAreWaitedFor(t *testing.T) {
	a := start(t)
	c := connect(t, a, byToken(a))
	for fault, want := range map[hubspottest.Fault]connectors.Failure{
		hubspottest.Spent:     {Trouble: connectors.Throttled, Wait: time.Hour},
		hubspottest.Migrating: {Trouble: connectors.Busy, Wait: 10 * time.Minute},
	} {
		a.Break(fault)
		_, err := c.Read(t.Context(), deal(a), nil)
		if f := failure(t, err); f.Trouble != want.Trouble || f.Wait != want.Wait {
			t.Errorf("%s: got %v and %v", fault, f, f.Wait)
		}
	}
}

func TestARefusalIsToldInSentences(t *testing.T) {
	said := ""
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, said)
	}))
	defer refusing.Close()
	inside, err := json.Marshal(`Property values were not valid: [{"isValid":false,"message":"Property \"x\" does not exist","error":"PROPERTY_DOESNT_EXIST","name":"x"}]`)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		said, words, code string
		fields            []string
	}{
		"with JSON inside": {`{"status":"error","message":` + string(inside) + `,"category":"VALIDATION_ERROR"}`,
			`Property values were not valid: Property "x" does not exist`, "PROPERTY_DOESNT_EXIST", []string{"x"}},
		"with JSON inside and beside it": {`{"message":` + string(inside) + `,"category":"VALIDATION_ERROR",
			"errors":[{"message":"Property \"x\" does not exist","code":"PROPERTY_DOESNT_EXIST","context":{"propertyName":["x"]}}]}`,
			`Property values were not valid: Property "x" does not exist`, "PROPERTY_DOESNT_EXIST", []string{"x"}},
		"with half of some inside": {`{"message":"Property values were not valid: [{\"isValid\":fal","category":"VALIDATION_ERROR"}`, "Property values were not valid", "VALIDATION_ERROR", nil},
		"with more beside it": {`{"message":"The call is not allowed.","category":"MISSING_SCOPES","errors":[{"message":"One or more of the following scopes are required.","context":{"requiredGranularScopes":["crm.objects.deals.read"]}}]}`,
			"The call is not allowed: One or more of the following scopes are required.", "MISSING_SCOPES", nil},
		"of a line":     {`{"message":"Contact already exists. Existing ID: 12","category":"CONFLICT"}`, "Contact already exists. Existing ID: 12", "CONFLICT", nil},
		"of no message": {`{"category":"VALIDATION_ERROR"}`, "The system answers 400 Bad Request.", "VALIDATION_ERROR", nil},
		"that is none":  {`[1]`, "The system answers 400 Bad Request.", "", nil},
		"without end":   {`{"message":"` + strings.Repeat("long ", 1000) + `"}`, strings.TrimSpace(strings.Repeat("long ", connectors.MaxWords/5)), "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			said = tt.said
			_, err := connect(t, &hubspottest.Account{URL: refusing.URL}, map[string]string{"token": "t"}).Read(t.Context(), connectors.Ref{Type: "deals", ID: "1"}, nil)
			if f := failure(t, err); f.Words != tt.words || f.Code != tt.code || !slices.Equal(f.Fields, tt.fields) {
				t.Errorf("got %q, %s of %v", f.Words, f.Code, f.Fields)
			}
		})
	}
}

func TestAllAssociatedRecordsAreRead(t *testing.T) {
	a := start(t)
	for i := range 620 {
		a.Link("deals", a.Seeded().Deal, "contacts", a.Create("contacts", map[string]string{"email": fmt.Sprintf("c%03d@example.com", i)}))
	}
	gone := a.Create("contacts", map[string]string{"email": "gone@example.com"})
	a.Link("deals", a.Seeded().Deal, "contacts", gone)
	a.Archive("contacts", gone)
	r, err := connect(t, a, byToken(a)).Read(t.Context(), deal(a), []string{"contacts.email"})
	if err != nil {
		t.Fatal(err)
	}
	list, _ := r.Fields["contacts"].([]any)
	if len(list) != 621 || list[0].(map[string]any)["email"] != "ann@example.com" || list[620].(map[string]any)["email"] != "c619@example.com" {
		t.Errorf("%d contacts were read", len(list))
	}
}

// read reads the paths of the seeded deal.
func read(t *testing.T, a *hubspottest.Account, paths ...string) (map[string]any, error) {
	t.Helper()
	r, err := connect(t, a, byToken(a)).Read(t.Context(), deal(a), paths)
	return r.Fields, err
}

func TestWhatIsEmptyIsNothingAndWhatIsUnknownIsRefused(t *testing.T) {
	a := start(t)
	a.Link("deals", a.Seeded().Deal, "contacts", a.Create("contacts", map[string]string{"email": "bob@example.com"}))
	for _, sparse := range []bool{false, true} {
		a.Sparse = sparse
		got, err := read(t, a, "dealname", "signed_by", "contacts.email", "contacts.lastname")
		if err != nil {
			t.Fatalf("sparse %v: %v", sparse, err)
		}
		want := map[string]any{"dealname": "Pumps for Köln", "signed_by": nil}
		for name, value := range want {
			if found, there := got[name]; !there || found != value {
				t.Errorf("sparse %v: %s is %v, %v", sparse, name, found, there)
			}
		}
		bob := got["contacts"].([]any)[1].(map[string]any)
		if last, there := bob["lastname"]; !there || last != nil || bob["email"] != "bob@example.com" {
			t.Errorf("sparse %v: the second contact is %v", sparse, bob)
		}
		for _, path := range []string{"nobody_has_this", "contacts.nobody_has_this"} {
			_, err := read(t, a, path)
			if f := failure(t, err); f.Trouble != connectors.Refused || f.Code != "PROPERTY_DOESNT_EXIST" || !strings.Contains(f.Words, "nobody_has_this") {
				t.Errorf("sparse %v: %s: %v", sparse, path, f)
			}
		}
	}
}

func TestTheIDOfAnAssociatedRecordIsRead(t *testing.T) {
	a := start(t)
	for _, paths := range [][]string{{"id", "contacts.id"}, {"id", "contacts.id", "contacts.email"}} {
		got, err := read(t, a, paths...)
		if err != nil {
			t.Fatal(err)
		}
		if contact := got["contacts"].([]any)[0].(map[string]any); contact["id"] != a.Seeded().Signer || got["id"] != a.Seeded().Deal {
			t.Errorf("%v: %v of %v", paths, contact, got["id"])
		}
	}
}

func TestAMappingIsCheckedAgainstTheIDsAndTheTypesOfTheAccount(t *testing.T) {
	a := start(t)
	describe := func(recordType string) (connectors.Schema, error) {
		return connect(t, a, byToken(a)).(connectors.Describer).Describe(t.Context(), recordType)
	}
	faults, err := mapping.CheckPaths("deals", []string{"id", "contacts.id", "p62515_agreements.title", "2-77001.title", "2-77001.id"}, "here", describe)
	if err != nil || len(faults) > 0 {
		t.Errorf("got %v, %v", faults, err)
	}
	for _, path := range []string{"agreements.title", "2-77002.title", "2-77001.nobody_has_this", "contacts.ID.x"} {
		if faults, err := mapping.CheckPaths("deals", []string{path}, "here", describe); err != nil || len(faults) != 1 {
			t.Errorf("%s: got %v, %v", path, faults, err)
		}
	}
	m := mapping.Mapping{Record: "deals", Back: []mapping.Back{{Fields: []mapping.Write{{Field: "id", Row: mapping.Row{Text: "1"}}}}}}
	faults, err = mapping.Check(m, describe)
	if !slices.ContainsFunc(faults, func(f mapping.Fault) bool { return f.Code == "field_read_only" }) || err != nil {
		t.Errorf("writing the id: %v, %v", faults, err)
	}
}

func TestRecordsOfATypeOfTheAccountsOwnAreReadByItsIDAndItsFullName(t *testing.T) {
	a := start(t)
	for _, title := range []string{"First", "Second"} {
		a.Link("deals", a.Seeded().Deal, ownType, a.Create(ownType, map[string]string{"title": title}))
	}
	for _, name := range []string{ownType, ownFullName, "p_agreements"} {
		got, err := read(t, a, "dealname", "contacts.email", name+".title")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list, _ := got[name].([]any)
		if len(list) != 2 || list[0].(map[string]any)["title"] != "First" || list[1].(map[string]any)["title"] != "Second" {
			t.Errorf("%s: %v", name, got[name])
		}
	}
	for _, name := range []string{ownType, ownFullName} {
		if got, err := read(t, a, name); err != nil || len(got[name].([]any)) != 2 {
			t.Errorf("how many of %s there are: %v, %v", name, got[name], err)
		}
	}
	if _, err := read(t, a, "agreements.title"); !connectors.TroubleOf(err).Lasting() {
		t.Errorf("by its name alone: %v", err)
	}
}

func TestMoreIsFoundThanOneSearchMayFind(t *testing.T) {
	const there = 10_150
	for name, create := range map[string]func(*hubspottest.Account){
		"one after another": func(a *hubspottest.Account) {
			for range there {
				a.Create("products", map[string]string{"name": "Part"})
			}
		},
		"at once, and some before and after": func(a *hubspottest.Account) {
			for range 70 {
				a.Create("products", map[string]string{"name": "Part"})
			}
			a.CreateAtOnce("products", there-140, map[string]string{"name": "Part"})
			for range 70 {
				a.Create("products", map[string]string{"name": "Part"})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := start(t)
			create(a)
			if n := len(foundProducts(t, a)); n != there {
				t.Errorf("found %d of %d", n, there)
			}
		})
	}
}

// foundProducts are the ids of all products that are found, page after page.
func foundProducts(t *testing.T, a *hubspottest.Account) map[string]bool {
	t.Helper()
	f := connect(t, a, byToken(a)).(connectors.Finder)
	seen := map[string]bool{}
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		found, next, err := f.Find(t.Context(), "products", time.Unix(0, 0), cursor)
		if err != nil || pages > 1000 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, ref := range found {
			seen[ref.ID] = true
		}
		cursor = next
	}
	return seen
}

func TestAFileIsFiledOnceWhateverAnswerIsLost(t *testing.T) {
	a := start(t)
	c := connect(t, a, byToken(a)).(connectors.Filer)
	file := connectors.File{Key: "env_1/signed", Name: `<b>Vertrag</b> & "Ä".pdf`, MediaType: "application/pdf",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("%PDF")), nil }}
	for _, lost := range []string{"/files/v3/files", "/crm/v3/objects/notes"} {
		a.Lose(lost)
		if _, err := c.File(t.Context(), deal(a), file); connectors.TroubleOf(err) != connectors.Busy || err == nil {
			t.Fatalf("the answer of %s was lost, and it says %v", lost, err)
		}
	}
	id, err := c.File(t.Context(), deal(a), file)
	on, all := a.Files("deals", a.Seeded().Deal)
	if err != nil || id == "" || len(on) != 1 || all != 1 {
		t.Fatalf("%q: %d files on the deal and %d in the account: %v", id, len(on), all, err)
	}
	if on[0].Name != file.Name || strings.Contains(on[0].Note, "<b>") || string(on[0].Data) != "%PDF" {
		t.Errorf("filed is %+v", on[0])
	}
	other := file
	other.Key = "env_1/signed2"
	if _, err := c.File(t.Context(), connectors.Ref{Type: "companies", ID: a.Seeded().Company}, other); err != nil {
		t.Error(err)
	}
	if _, err := c.File(t.Context(), connectors.Ref{Type: "products", ID: a.Create("products", nil)}, other); !connectors.TroubleOf(err).Lasting() {
		t.Errorf("on a product, which takes no notes: %v", err)
	}
}

func TestAnIDThatLeadsElsewhereIsRefusedUnasked(t *testing.T) {
	a := start(t)
	c := connect(t, a, byToken(a))
	for _, ref := range []connectors.Ref{{Type: "deals", ID: ".."}, {Type: "..", ID: "1"}, {Type: "deals", ID: ""}, {Type: "deals", ID: "../../v4"}} {
		if _, err := c.Read(t.Context(), ref, nil); !connectors.TroubleOf(err).Lasting() {
			t.Errorf("%v: %v", ref, err)
		}
	}
	if n := a.Usage().API; n != 0 {
		t.Errorf("it asked %d times", n)
	}
	if _, err := c.Read(t.Context(), connectors.Ref{Type: "deals", ID: "1?archived=true#x"}, nil); connectors.TroubleOf(err) != connectors.Gone {
		t.Errorf("an id with a query: %v", err)
	}
}

func TestAConnectionWithoutCredentialsIsNotOpened(t *testing.T) {
	for _, settings := range []map[string]string{{}, {"client_id": "c"}, {"client_id": "c", "client_secret": "s"}} {
		_, err := hubspot.System().Open(connectors.Connection{Settings: settings}, http.DefaultClient)
		if connectors.TroubleOf(err) != connectors.Expired {
			t.Errorf("%v: %v", settings, err)
		}
	}
}
