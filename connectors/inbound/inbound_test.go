package inbound_test

import (
	"net/http"
	"testing"

	"chancery/connectors"
	"chancery/connectors/inbound"
)

func TestASystemThatCallsUsIsNeverAsked(t *testing.T) {
	system := inbound.System()
	if err := system.Check(nil); err != nil {
		t.Errorf("it needs settings: %v", err)
	}
	if err := system.Check(map[string]string{"address": "https://crm.example.com"}); err == nil {
		t.Error("it takes an address")
	}
	c, err := system.Open(connectors.Connection{}, &http.Client{Transport: nobody{t}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context(), connectors.Ref{Type: "Deal", ID: "7"}, []string{"name"}); connectors.TroubleOf(err) != connectors.Gone {
		t.Errorf("reading gives %v", err)
	}
	if _, is := c.(connectors.Writer); is {
		t.Error("it writes, and nobody knows where")
	}
	if _, is := c.(connectors.Filer); is {
		t.Error("it files, and nobody knows where")
	}
}

// nobody is a network that must not be used.
type nobody struct{ t *testing.T }

func (n nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("it asks %s", r.URL)
	return nil, http.ErrUseLastResponse
}
