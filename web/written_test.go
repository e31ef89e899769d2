package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestATypedNameIsShownAsItWillStandInTheDocument(t *testing.T) {
	s := newScene(t)
	address := func(base, name, initials string) string {
		return base + "/written?" + url.Values{"face": {"brush"}, "name": {name}, "initials": {initials}}.Encode()
	}
	reply, picture := s.get(address(s.link(0), "山田 太郎", "1"))
	if reply.StatusCode != http.StatusOK || reply.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(picture, `brush "山田 太郎" true`) {
		t.Errorf("%d %v %s", reply.StatusCode, reply.Header, picture)
	}
	if reply, _ := s.get(address(s.link(0), strings.Repeat("a", 201), "")); reply.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a name without end: %d", reply.StatusCode)
	}
	if reply, _ := s.get(address(s.server.URL+"/s/nobody", "Ann", "")); reply.StatusCode != http.StatusForbidden {
		t.Errorf("a stranger: %d", reply.StatusCode)
	}
}
