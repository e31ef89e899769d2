package salesforcetest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"chancery/connectors/salesforce/salesforcetest"
)

// caller speaks to an org as curl would.
type caller struct {
	t     *testing.T
	o     *salesforcetest.Org
	token string
}

func newCaller(t *testing.T) *caller {
	t.Helper()
	o, err := salesforcetest.Start(salesforcetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	c := &caller{t: t, o: o}
	_, _, body := c.form(url.Values{"grant_type": {"client_credentials"}, "client_id": {o.ClientID}, "client_secret": {o.ClientSecret}})
	var got struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Token == "" {
		t.Fatalf("no token in %s", body)
	}
	c.token = got.Token
	return c
}

func (c *caller) form(form url.Values) (int, http.Header, string) {
	return c.call(http.MethodPost, "/services/oauth2/token", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func (c *caller) call(method, path, body string, headers ...string) (int, http.Header, string) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.o.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, strings.TrimSpace(string(text))
}

const v64 = "/services/data/v64.0"

func TestAnswersHaveTheShapesOfSalesforce(t *testing.T) {
	c := newCaller(t)
	account := c.o.Seeded().Account
	c.o.Create("Contact", map[string]any{"LastName": "A", "External_Id__c": "twin"})
	c.o.Create("Contact", map[string]any{"LastName": "B", "External_Id__c": "twin"})
	const two = "--x\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"a.pdf\"\r\n\r\n%PDF\r\n--x\r\nContent-Disposition: form-data; name=\"anything\"\r\nContent-Type: application/json\r\n\r\n{\"Title\":\"a\",\"PathOnClient\":\"a.pdf\"}\r\n--x--\r\n"
	for name, tt := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		has                string
	}{
		"versions need no token":             {"GET", "/services/data/", "", []string{"Authorization", ""}, 200, `"version":"64.0"`},
		"no token":                           {"GET", v64 + "/sobjects", "", []string{"Authorization", "Bearer x"}, 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`},
		"a new record":                       {"POST", v64 + "/sobjects/Account", `{"Name":"n"}`, nil, 201, `"success":true,"errors":[]`},
		"an id that is given":                {"POST", v64 + "/sobjects/Account", `{"Name":"n","Id":"1"}`, nil, 400, `The Id field should not be specified in the sobject data.`},
		"nothing in it":                      {"POST", v64 + "/sobjects/Account", `{}`, nil, 400, `[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]`},
		"no JSON":                            {"POST", v64 + "/sobjects/Account", `{`, nil, 400, `"errorCode":"JSON_PARSER_ERROR"`},
		"no such type":                       {"POST", v64 + "/sobjects/Nobody", `{}`, nil, 404, `[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]`},
		"a change":                           {"PATCH", v64 + "/sobjects/Account/" + account[:15], `{"Phone":"1"}`, nil, 204, ""},
		"a change since":                     {"PATCH", v64 + "/sobjects/Account/" + account, `{"Phone":"1"}`, []string{"If-Unmodified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"}, 412, ""},
		"a time that is none":                {"PATCH", v64 + "/sobjects/Account/" + account, `{"Phone":"1"}`, []string{"If-Unmodified-Since", "yesterday"}, 400, ""},
		"another tag":                        {"PATCH", v64 + "/sobjects/Account/" + account, `{"Phone":"1"}`, []string{"If-Match", `"x"`}, 412, ""},
		"not changed":                        {"GET", v64 + "/sobjects/Account/" + account, "", []string{"If-Modified-Since", "Mon, 02 Jan 2090 15:04:05 GMT"}, 304, ""},
		"a field that counts":                {"PATCH", v64 + "/sobjects/Account/" + account, `{"AnnualRevenue":"much"}`, nil, 400, `"JSON_PARSER_ERROR"`},
		"a picklist that is strict":          {"PATCH", v64 + "/sobjects/Opportunity/" + c.o.Seeded().Opportunity, `{"Envelope_Status__c":"Eaten"}`, nil, 400, `INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST`},
		"a reference to nobody":              {"PATCH", v64 + "/sobjects/Opportunity/" + c.o.Seeded().Opportunity, `{"AccountId":"001000000000000"}`, nil, 400, `INVALID_CROSS_REFERENCE_KEY`},
		"an external id of two":              {"GET", v64 + "/sobjects/Contact/External_Id__c/twin", "", nil, 300, `["/services/data/v64.0/sobjects/Contact/003`},
		"an external id that is none":        {"GET", v64 + "/sobjects/Contact/Email/x", "", nil, 404, `Provided external ID field does not exist or is not accessible: Email`},
		"an upsert of the old days":          {"PATCH", "/services/data/v45.0/sobjects/Account/External_Id__c/ACC-1", `{"Phone":"2"}`, nil, 204, ""},
		"an upsert":                          {"PATCH", v64 + "/sobjects/Account/External_Id__c/ACC-1", `{"Phone":"2"}`, nil, 200, `"created":false`},
		"parts in any order":                 {"POST", v64 + "/sobjects/ContentVersion", two, []string{"Content-Type", "multipart/form-data; boundary=x"}, 201, `"id":"068`},
		"an event":                           {"POST", v64 + "/sobjects/Envelope_Status__e", `{"Envelope__c":"e"}`, nil, 201, `"success":true,"errors":[{"statusCode":"OPERATION_ENQUEUED"`},
		"a composite of too many":            {"POST", v64 + "/composite", `{"compositeRequest":[` + strings.Repeat(`{"method":"GET","url":"/services/data/v64.0/sobjects","referenceId":"a"},`, 26) + `{}]}`, nil, 400, `"errorCode"`},
		"a collection of too many":           {"POST", v64 + "/composite/sobjects", `{"records":[` + strings.Repeat("{},", 200) + `{}]}`, nil, 400, `EXCEEDED_ID_LIMIT`},
		"a collection with one that is none": {"PATCH", v64 + "/composite/sobjects", `{"records":[{"id":"` + account + `","Phone":"3"},{"Phone":"4"}]}`, nil, 200, `"statusCode":"MISSING_ARGUMENT"`},
		"a locator that is none":             {"GET", v64 + "/query/01gKz0000000009-200", "", nil, 400, `INVALID_QUERY_LOCATOR`},
	} {
		t.Run(name, func(t *testing.T) {
			one := *c
			one.t = t
			status, header, body := one.call(tt.method, tt.path, tt.body, tt.headers...)
			if status != tt.status || !strings.Contains(body, tt.has) {
				t.Errorf("answered %d %s, want %d %s", status, body, tt.status, tt.has)
			}
			if status != 401 && tt.path != "/services/data/" && !strings.HasPrefix(header.Get("Sforce-Limit-Info"), "api-usage=") {
				t.Errorf("it does not say how many calls there were: %v", header)
			}
		})
	}
}

func TestSigningInIsCheckedAndRefusedAsAnObject(t *testing.T) {
	c := newCaller(t)
	const bearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	for name, tt := range map[string]struct {
		form url.Values
		has  string
	}{
		"no assertion":        {url.Values{"grant_type": {bearer}, "assertion": {"a.b.c"}}, `"error":"invalid_grant"`},
		"without signature":   {url.Values{"grant_type": {bearer}, "assertion": {"eyJhbGciOiJub25lIn0.e30."}}, `"error":"invalid_grant"`},
		"another app":         {url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}, "client_secret": {"y"}}, `"error":"invalid_client_id","error_description":"client identifier invalid"`},
		"another secret":      {url.Values{"grant_type": {"client_credentials"}, "client_id": {c.o.ClientID}, "client_secret": {"y"}}, `"error":"invalid_client"`},
		"no code":             {url.Values{"grant_type": {"authorization_code"}, "client_id": {c.o.ClientID}, "code": {"x"}}, `"error":"invalid_grant","error_description":"expired authorization code"`},
		"no refresh token":    {url.Values{"grant_type": {"refresh_token"}, "client_id": {c.o.ClientID}, "refresh_token": {"x"}}, `expired access/refresh token`},
		"the password of old": {url.Values{"grant_type": {"password"}, "username": {"x"}}, `"error":"unsupported_grant_type"`},
	} {
		if status, _, body := c.form(tt.form); status != 400 || !strings.Contains(body, tt.has) {
			t.Errorf("%s: answered %d %s", name, status, body)
		}
	}
}

func TestACodeIsGoodOnceAndForWhoAsked(t *testing.T) {
	c := newCaller(t)
	const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // of RFC 7636, appendix B
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	for _, tt := range []struct {
		verifier string
		tries    []int
	}{{"another", []int{400, 400}}, {verifier, []int{200, 400}}} {
		_, header, _ := c.call(http.MethodGet, "/services/oauth2/authorize?response_type=code&client_id="+c.o.ClientID+"&redirect_uri=https://a.example/b&state=s&code_challenge="+challenge, "")
		back, err := url.Parse(header.Get("Location"))
		if err != nil || back.Query().Get("state") != "s" {
			t.Fatalf("sent back to %v, %v", back, err)
		}
		for i, want := range tt.tries {
			status, _, body := c.form(url.Values{"grant_type": {"authorization_code"}, "client_id": {c.o.ClientID}, "redirect_uri": {"https://a.example/b"}, "code": {back.Query().Get("code")}, "code_verifier": {tt.verifier}})
			if status != want {
				t.Errorf("with %s, try %d: answered %d %s", tt.verifier, i, status, body)
			}
		}
	}
}

func TestTheLimitOfADay(t *testing.T) {
	c := newCaller(t)
	c.o.Break(salesforcetest.Faults{Throttle: 1})
	if status, _, body := c.call(http.MethodGet, v64+"/limits", ""); status != 403 || !strings.Contains(body, `"REQUEST_LIMIT_EXCEEDED"`) {
		t.Errorf("answered %d %s", status, body)
	}
}

func TestAnOrgMayBeSlow(t *testing.T) {
	c := newCaller(t)
	c.o.Break(salesforcetest.Faults{Latency: 50 * time.Millisecond})
	began := time.Now()
	if status, _, _ := c.call(http.MethodGet, v64+"/limits", ""); status != 200 || time.Since(began) < 50*time.Millisecond {
		t.Errorf("answered %d after %v", status, time.Since(began))
	}
}
