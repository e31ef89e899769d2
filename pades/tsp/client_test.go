package tsp_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"chancery/pades/cms"
	"chancery/pades/tsp"
	"chancery/problem"
)

// serve opens a server for the length of a test.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func (h *house) client(t testing.TB, change func(*tsp.ClientOptions), urls ...string) *tsp.Client {
	t.Helper()
	o := tsp.ClientOptions{HTTP: http.DefaultClient, Roots: []*x509.Certificate{h.root}, Now: h.clock, Timeout: 5 * time.Second}
	for _, u := range urls {
		o.Servers = append(o.Servers, tsp.Server{URL: u})
	}
	if change != nil {
		change(&o)
	}
	c, err := tsp.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheNextAuthorityIsAskedWhenOneDoesNotAnswer(t *testing.T) {
	h := newHouse(t)
	dead := serve(t, http.NotFoundHandler())
	asleep := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // so that the server notices when the client has gone
		<-r.Context().Done()
	}))
	short := func(o *tsp.ClientOptions) { o.Timeout = 300 * time.Millisecond }
	der, err := h.client(t, short, dead, asleep, serve(t, h.authority(t))).Timestamp(context.Background(), digestOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	token, err := tsp.Parse(der)
	if err != nil || token.Check(digestOf("x")) != nil || token.Nonce == nil {
		t.Fatalf("%+v %v", token, err)
	}
}

func TestWhenNoAuthorityAnswersEachIsTold(t *testing.T) {
	h := newHouse(t)
	dead := strings.Replace(serve(t, http.NotFoundHandler()), "http://", "http://ann:secret@", 1)
	refusing := serve(t, h.authority(t))
	_, err := h.client(t, func(o *tsp.ClientOptions) { o.Servers[1].Policy = asn1.ObjectIdentifier{1, 2, 3} }, dead, refusing).
		Timestamp(context.Background(), digestOf("x"))
	p := problem.Of(err)
	if p.Code != "timestamp_unavailable" || p.Kind != problem.KindAway || !strings.HasPrefix(p.Public, "No time-stamping authority could be reached;") {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"HTTP status 404", "unacceptedPolicy", "the policy here is 1.3.6.1.4.1.99999.1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the password shows in %v", err)
	}
}

func TestACallerWhoLeavesIsNotTalkedTo(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := h.client(t, nil, serve(t, h.authority(t))).Timestamp(ctx, digestOf("x"))
	if err == nil || problem.Has(err, "timestamp_unavailable") {
		t.Errorf("%v", err)
	}
}

func TestATokenThatIsWrongInOnePointIsNotTaken(t *testing.T) {
	h := newHouse(t)
	issued := func(template *x509.Certificate, issuer *x509.Certificate, by crypto.Signer) func(*lie) {
		key := h.tsaKey
		template.SerialNumber = big.NewInt(99)
		der, err := x509.CreateCertificate(nil, template, issuer, key.Public(), by)
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return func(l *lie) { l.certificate, l.enclosed = c, []*x509.Certificate{c, h.ca} }
	}
	expired := h.tsaTemplate(true, x509.ExtKeyUsageTimeStamping)
	expired.NotAfter = h.now.Add(-time.Hour)
	foreign := newHouse(t)
	for name, tt := range map[string]struct {
		change func(*lie)
		says   string
	}{
		"honest":                 {nil, ""},
		"another digest":         {func(l *lie) { l.digest = digestOf("y") }, "another digest"},
		"another nonce":          {func(l *lie) { l.nonce = big.NewInt(1) }, "nonce"},
		"no nonce":               {func(l *lie) { l.nonce = nil }, "nonce"},
		"another policy":         {func(l *lie) { l.policy = asn1.ObjectIdentifier{1, 2, 3} }, "policy"},
		"an old time":            {func(l *lie) { l.at = h.now.Add(-6 * time.Minute) }, "off"},
		"a time to come":         {func(l *lie) { l.at = h.now.Add(6 * time.Minute) }, "off"},
		"an expired certificate": {issued(expired, h.ca, h.caKey), "not valid at"},
		"a purpose not critical": {issued(h.tsaTemplate(false, x509.ExtKeyUsageTimeStamping), h.ca, h.caKey), "critical"},
		"a second purpose":       {issued(h.tsaTemplate(true, x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageEmailProtection), h.ca, h.caKey), "time-stamping alone"},
		"another purpose":        {issued(h.tsaTemplate(true, x509.ExtKeyUsageEmailProtection), h.ca, h.caKey), "time-stamping alone"},
		"an unknown root": {func(l *lie) {
			l.certificate, l.key, l.enclosed = foreign.tsa, foreign.tsaKey, []*x509.Certificate{foreign.tsa, foreign.ca, foreign.root}
		}, "chain"},
		"somebody else's key":          {func(l *lie) { l.key = h.caKey }, "does not belong"},
		"no certificate":               {func(l *lie) { l.enclosed = nil }, "missing"},
		"a chain with a gap":           {func(l *lie) { l.enclosed = l.enclosed[:1] }, "chain"},
		"content of another type":      {func(l *lie) { l.kind = cms.OIDData }, "content of type"},
		"an imprint that is too short": {func(l *lie) { l.digest = l.digest[:20] }, "no digest of"},
	} {
		insist := func(o *tsp.ClientOptions) { o.Servers[0].Policy = policy }
		_, err := h.client(t, insist, serve(t, liar{house: h, change: tt.change})).Timestamp(context.Background(), digestOf("x"))
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAnswerThatIsNoneIsNotTaken(t *testing.T) {
	h := newHouse(t)
	for name, tt := range map[string]struct {
		respond func([]byte) []byte
		says    string
	}{
		"refused":             {func([]byte) []byte { return sequence(sequence([]byte{2, 1, 2})) }, "status 2"},
		"refused, with token": {func(token []byte) []byte { return sequence(sequence([]byte{2, 1, 2}), token) }, "status 2"},
		"granted, no token":   {func([]byte) []byte { return sequence(sequence([]byte{2, 1, 0})) }, "without a token"},
		"no answer at all":    {func([]byte) []byte { return []byte("hello") }, "no TimeStampResp"},
		"nothing":             {func([]byte) []byte { return nil }, "no TimeStampResp"},
		"bytes behind":        {func(token []byte) []byte { return append(sequence(sequence([]byte{2, 1, 0}), token), 0) }, "no TimeStampResp"},
		"a flood":             {func([]byte) []byte { return make([]byte, 1<<20) }, "more than"},
		"half a token":        {func(token []byte) []byte { return sequence(sequence([]byte{2, 1, 0}), token[:100]) }, "no TimeStampResp"},
	} {
		_, err := h.client(t, nil, serve(t, liar{house: h, respond: tt.respond})).Timestamp(context.Background(), digestOf("x"))
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	html := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Please log in") }))
	if _, err := h.client(t, nil, html).Timestamp(context.Background(), digestOf("x")); err == nil || !strings.Contains(err.Error(), "type") {
		t.Errorf("a web page: %v", err)
	}
}

func TestAClientThatCouldNotJudgeIsNotOpened(t *testing.T) {
	h := newHouse(t)
	good := tsp.ClientOptions{Servers: []tsp.Server{{URL: "https://tsa.example/"}}, HTTP: http.DefaultClient, Roots: []*x509.Certificate{h.root}, Now: h.clock}
	if _, err := tsp.NewClient(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*tsp.ClientOptions){
		"without servers":       func(o *tsp.ClientOptions) { o.Servers = nil },
		"without HTTP":          func(o *tsp.ClientOptions) { o.HTTP = nil },
		"without roots":         func(o *tsp.ClientOptions) { o.Roots = nil },
		"without a clock":       func(o *tsp.ClientOptions) { o.Now = nil },
		"with a file's address": func(o *tsp.ClientOptions) { o.Servers = []tsp.Server{{URL: "file:///etc/passwd"}} },
	} {
		o := good
		change(&o)
		if _, err := tsp.NewClient(o); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
