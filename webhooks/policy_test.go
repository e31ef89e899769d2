package webhooks_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"chancery/problem"
	"chancery/webhooks"
)

// TestNoSpellingOfThisMachineIsReached asks at the socket: the server is there and
// would answer, and only the policy is in between.
func TestNoSpellingOfThisMachineIsReached(t *testing.T) {
	var visits int
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits++ }))
	defer server.Close()
	address, _ := url.Parse(server.URL)
	client := webhooks.NewClient(webhooks.Policy{AllowHTTP: true})
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]"} {
		got := deliver(t, client, "http://"+host+":"+address.Port()+"/")
		if got.Verdict != webhooks.Retry || !strings.Contains(got.Error, "not on the public internet") {
			t.Errorf("%s: %+v", host, got)
		}
	}
	if visits != 0 {
		t.Fatalf("%d requests arrived", visits)
	}
	open := webhooks.NewClient(webhooks.Policy{AllowHTTP: true, AllowLoopback: true})
	defer open.CloseIdleConnections()
	if got := deliver(t, open, "http://localhost:"+address.Port()+"/"); got.Verdict != webhooks.Delivered {
		t.Fatalf("the open policy does not reach it either: %+v", got)
	}
}

func TestPlainHTTPNeedsAPolicyThatAllowsIt(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := webhooks.NewClient(webhooks.Policy{AllowLoopback: true})
	got := deliver(t, client, server.URL)
	if got.Status != 0 || !strings.Contains(got.Error, "https://") {
		t.Fatalf("%+v", got)
	}
}

func TestWhichAddressesMayBeRegistered(t *testing.T) {
	public := webhooks.Policy{}
	inside := webhooks.Policy{AllowLoopback: true, AllowPrivate: true, AllowHTTP: true}
	for _, tt := range []struct {
		raw            string
		public, inside string
	}{
		{"https://example.com/hooks?team=1", "", ""},
		{"https://example.com:8443/hooks", "", ""},
		{"https://93.184.215.14/", "", ""},
		{"https://[2606:4700::1111]/", "", ""},
		{"http://example.com/", "webhook_url_forbidden", ""},
		{"https://localhost/", "webhook_url_forbidden", ""},
		{"https://LOCALHOST./", "webhook_url_forbidden", ""},
		{"https://a.localhost/", "webhook_url_forbidden", ""},
		{"https://127.0.0.1/", "webhook_url_forbidden", ""},
		{"https://[::ffff:127.0.0.1]/", "webhook_url_forbidden", ""},
		{"https://10.1.2.3/", "webhook_url_forbidden", ""},
		{"https://192.168.0.9:9000/", "webhook_url_forbidden", ""},
		{"https://[fd12::1]/", "webhook_url_forbidden", ""},
		{"https://intranet/", "webhook_url_forbidden", ""},
		{"https://hub.internal/", "webhook_url_forbidden", ""},
		{"https://printer.local/", "webhook_url_forbidden", ""},
		{"https://169.254.169.254/latest", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"https://[fd00:ec2::254]/", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"https://[fe80::1%25eth0]/", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"https://100.100.100.200/", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"https://[64:ff9b::7f00:1]/", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"https://0.0.0.0/", "webhook_url_forbidden", "webhook_url_forbidden"},
		{"", "webhook_url_invalid", "webhook_url_invalid"},
		{"example.com/hooks", "webhook_url_invalid", "webhook_url_invalid"},
		{"https:///hooks", "webhook_url_invalid", "webhook_url_invalid"},
		{"ftp://example.com/", "webhook_url_invalid", "webhook_url_invalid"},
		{"https://user:pw@example.com/", "webhook_url_invalid", "webhook_url_invalid"},
		{"https://example.com/#there", "webhook_url_invalid", "webhook_url_invalid"},
		{"https://example.com/\r\nHost: other", "webhook_url_invalid", "webhook_url_invalid"},
		{"https://example.com/" + strings.Repeat("a", 2048), "webhook_url_invalid", "webhook_url_invalid"},
	} {
		for policy, want := range map[*webhooks.Policy]string{&public: tt.public, &inside: tt.inside} {
			err := webhooks.CheckURL(tt.raw, *policy)
			if want == "" && err != nil || want != "" && !problem.Has(err, want) {
				t.Errorf("%q under %+v: %v, want %q", tt.raw, *policy, err, want)
			}
		}
	}
}
