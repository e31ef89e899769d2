package webhooks

import "testing"

// A proxy would connect for us where Control cannot look. The variables of the
// environment are read once per process, so the test looks at the wiring.
func TestNoProxyIsEverAsked(t *testing.T) {
	client := NewClient(Policy{AllowLoopback: true, AllowPrivate: true, AllowHTTP: true})
	if client.Transport.(encrypted).Proxy != nil {
		t.Fatal("the client asks a proxy")
	}
}
