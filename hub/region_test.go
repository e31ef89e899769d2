package hub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"chancery/links"
	"chancery/postgres/postgrestest"
)

func TestALinkOfAnotherRegionIsSentThere(t *testing.T) {
	two := map[string]string{"eu": "https://eu.example.com", "us": "https://us.example.com/"}
	eu := &Hub{config: Config{Regions: two}}
	keys, err := openLinks(t.Context(), postgrestest.Store(t), Config{Region: "us", Regions: two})
	if err != nil {
		t.Fatal(err)
	}
	token := keys.Mint(links.Link{Purpose: links.Sign, Subject: "rcp_1.1"})
	here := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for path, want := range map[string]string{
		"/s/" + token:                               "https://us.example.com/s/" + token,
		"/s/" + token + "/d/doc_1":                  "https://us.example.com/s/" + token + "/d/doc_1",
		"/s/eu" + strings.TrimPrefix(token, "us"):   "",
		"/s/asia" + strings.TrimPrefix(token, "us"): "",
		"/assets/us.css":                            "",
		"/":                                         "",
	} {
		reply := httptest.NewRecorder()
		eu.regional(here).ServeHTTP(reply, httptest.NewRequest("GET", path, nil))
		if want == "" && reply.Code != http.StatusTeapot || want != "" && (reply.Code != http.StatusMisdirectedRequest || !strings.Contains(reply.Body.String(), want+"\n")) {
			t.Errorf("%s: %d %s", path, reply.Code, reply.Body)
		}
	}
}

func TestARegionHasANameThatFitsIntoKeysAndLinks(t *testing.T) {
	for _, wrong := range []Config{
		{Region: "EU"}, {Region: "eu_west"}, {Region: "a.b"}, {Regions: map[string]string{"u s": "https://us.example.com"}}, {Regions: map[string]string{"us": "us.example.com"}},
	} {
		if wrong.checkRegions() == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
	if err := (Config{Regions: map[string]string{"us": "https://us.example.com"}}).checkRegions(); err != nil {
		t.Error(err)
	}
}
