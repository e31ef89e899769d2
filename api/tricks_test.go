package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chancery/team"
)

// wire sends the request as it is written here, over a connection of its own.
func wire(t *testing.T, address, method, target, version, headers, body string) (int, []byte) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	must(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "%s %s HTTP/%s\r\nHost: hub.example\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s", method, target, version, len(body), headers, body)
	must(t, err)
	got, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	must(t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(t, err)
	return got.StatusCode, text
}

func TestHeaderTricksChangeNothing(t *testing.T) {
	s := open(t)
	reader := s.person(s.production.key, team.TeamRead)
	env, _ := s.production.created()
	foreign, _ := s.sandbox.created()
	server := httptest.NewServer(s.handler)
	defer server.Close()
	address := server.Listener.Addr().String()

	const json = "Content-Type: application/json\r\n"
	bearer := "Authorization: Bearer " + reader.key + "\r\n"
	mine, theirs := "/v1/envelopes/"+env, "/v1/envelopes/"+foreign
	for name, tt := range map[string]struct {
		method, target, version, headers, body string
		want                                   int
	}{
		"the plain call":                          {"GET", mine, "1.1", bearer, "", 200},
		"HTTP/1.0":                                {"GET", mine, "1.0", bearer, "", 200},
		"HTTP/1.0 without a key":                  {"GET", mine, "1.0", "", "", 401},
		"the absolute form":                       {"GET", "http://elsewhere.example" + mine, "1.1", bearer, "", 200},
		"the absolute form without a key":         {"GET", "http://elsewhere.example" + mine, "1.1", "", "", 401},
		"the absolute form of another's":          {"GET", "http://elsewhere.example" + theirs, "1.1", bearer, "", 404},
		"a method in a header":                    {"GET", mine, "1.1", bearer + "X-HTTP-Method-Override: DELETE\r\nX-HTTP-Method: DELETE\r\nX-Method-Override: DELETE\r\n", "", 200},
		"a method in a header of a POST":          {"POST", mine, "1.1", bearer + json + "X-HTTP-Method-Override: GET\r\n", "{}", 405},
		"a method in the query":                   {"GET", mine + "?_method=DELETE", "1.1", bearer, "", 422},
		"a method nobody knows":                   {"READ", mine, "1.1", bearer, "", 405},
		"HEAD is no GET":                          {"HEAD", mine, "1.1", bearer, "", 405},
		"a path in a header":                      {"GET", theirs, "1.1", bearer + "X-Original-URL: " + mine + "\r\nX-Rewrite-URL: " + mine + "\r\n", "", 404},
		"this machine in a header":                {"GET", mine, "1.1", "X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nForwarded: for=127.0.0.1\r\n", "", 401},
		"a person in a header":                    {"DELETE", mine, "1.1", bearer + "X-User: admin\r\nX-Team: admin\r\n", "", 403},
		"two slashes at the front":                {"GET", "/" + mine, "1.1", bearer, "", 404},
		"two slashes in the middle":               {"GET", "/v1//envelopes/" + env, "1.1", bearer, "", 404},
		"two slashes before another's":            {"GET", "/v1/envelopes//" + foreign, "1.1", bearer, "", 404},
		"a slash at the end":                      {"GET", mine + "/", "1.1", bearer, "", 404},
		"dots that are encoded":                   {"GET", "/v1/envelopes/%2e%2e/envelopes/" + env, "1.1", bearer, "", 404},
		"dots that are not":                       {"GET", "/v1/envelopes/../envelopes/" + env, "1.1", bearer, "", 404},
		"a letter that is encoded":                {"GET", "/v1/envelope%73/" + env, "1.1", bearer, "", 200},
		"a letter that is encoded, without a key": {"GET", "/v1/envelope%73/" + env, "1.1", "", "", 401},
		"a slash that is encoded":                 {"GET", "/v1%2fenvelopes/" + env, "1.1", "", "", 401},
		"a semicolon":                             {"GET", mine + ";x=1", "1.1", bearer, "", 404},
		"capitals":                                {"GET", strings.ToUpper(mine), "1.1", bearer, "", 404},
		"two keys":                                {"GET", mine, "1.1", bearer + "Authorization: Bearer " + s.production.key + "\r\n", "", 401},
		"the same key twice":                      {"GET", mine, "1.1", bearer + bearer, "", 401},
		"two keys in one header":                  {"GET", mine, "1.1", "Authorization: Bearer " + reader.key + ", Bearer " + s.production.key + "\r\n", "", 401},
		"a key in the query":                      {"GET", mine + "?access_token=" + reader.key, "1.1", "", "", 401},
		"a key in a cookie":                       {"GET", mine, "1.1", "Cookie: Authorization=" + reader.key + "\r\n", "", 401},
		"a form in place of JSON":                 {"PATCH", mine, "1.1", bearer + "Content-Type: application/x-www-form-urlencoded\r\n", "title=a", 403},
		"JSON as text":                            {"PATCH", mine, "1.1", bearer + "Content-Type: text/plain\r\n", `{"title":"a"}`, 403},
		"a form of somebody who may":              {"PATCH", mine, "1.1", "Authorization: Bearer " + s.production.key + "\r\nContent-Type: text/plain\r\n", `{"title":"a"}`, 415},
		"a body of a GET":                         {"GET", mine, "1.1", bearer + json, `{"team":"other"}`, 200},
	} {
		t.Run(name, func(t *testing.T) {
			got, body := wire(t, address, tt.method, tt.target, tt.version, tt.headers, tt.body)
			if got != tt.want {
				t.Errorf("got %d, want %d: %s", got, tt.want, body)
			}
			if bytes.Contains(body, []byte(foreign)) {
				t.Errorf("it tells of another's: %s", body)
			}
		})
	}
	s.production.get(mine).want(200)
}
