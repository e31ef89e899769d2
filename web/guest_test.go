package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/id"
	"chancery/links"
)

func TestThePageShowsAPersonTheirOwnFieldsAndNobodyElses(t *testing.T) {
	s := newScene(t)
	reply, body := s.get(s.link(0))
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("got %d: %s", reply.StatusCode, body)
	}
	for _, f := range s.e.Fields {
		if shown, theirs := strings.Contains(body, f.ID), f.Recipient == s.e.Recipients[0].ID; shown != theirs {
			t.Errorf("field %q of recipient %s shown: %t", f.Label, f.Recipient, shown)
		}
	}
	for _, text := range []string{"API Test", "Services agreement 2026", "Sam Seller", "here is the agreement we spoke about.", `alt="Page 2 of 2"`} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is missing", text)
		}
	}
	for _, secret := range []string{"Bob", "Cat", "bob@example.com", "cat@example.com"} {
		if strings.Contains(body, secret) {
			t.Errorf("the page tells of %q", secret)
		}
	}
	_, css := s.get(s.link(0) + "/places.css")
	if strings.Count(css, "#at-") != 5 || strings.Contains(css, "NaN") {
		t.Errorf("the places are %s", css)
	}
}

func TestNothingRunsOnThePageThatWeDidNotWrite(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|<script(?:\s[^>]*)?>[^<]|\sstyle=|\son[a-z]+=|https?://`)
	s := newScene(t)
	s.signIn()
	for _, address := range []string{s.link(0), s.link(1), s.link(0) + "x", s.server.URL, s.server.URL + "/dashboard", s.server.URL + "/dashboard/envelopes/" + s.e.ID} {
		reply, body := s.get(address)
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s holds %q", address, found)
		}
		for name, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := reply.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", address, name, got)
			}
		}
		policy := reply.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s: %s", address, want, policy)
			}
		}
	}
}

func TestAssetsAreKeptForeverUnderAnAddressOfTheirOwn(t *testing.T) {
	s := newScene(t)
	_, body := s.get(s.link(0))
	found := regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{16}\.(?:js|css)`).FindAllString(body, -1)
	if len(found) != 2 {
		t.Fatalf("the page loads %v", found)
	}
	for _, address := range found {
		reply, _ := s.get(s.server.URL + address)
		if reply.StatusCode != http.StatusOK || !strings.Contains(reply.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %s", address, reply.StatusCode, reply.Header.Get("Cache-Control"))
		}
	}
}

func TestEveryBadLinkIsTheSamePage(t *testing.T) {
	s := newScene(t)
	mint := func(l links.Link) string { return s.server.URL + "/s/" + s.links.Mint(l) }
	later, who := s.now.Add(time.Hour), s.e.Recipients[0].ID
	good := s.link(0)
	_, want := s.get(s.server.URL + "/s/nonsense")
	for name, address := range map[string]string{
		"forged":                     good[:len(good)-1] + "!",
		"for another door":           mint(links.Link{Purpose: links.Download, Subject: who + ".1", Expires: later}),
		"expired":                    mint(links.Link{Purpose: links.Sign, Subject: who + ".1", Expires: s.now}),
		"older than a correction":    mint(links.Link{Purpose: links.Sign, Subject: who + ".0", Expires: later}),
		"without a version":          mint(links.Link{Purpose: links.Sign, Subject: who, Expires: later}),
		"of a person who is nowhere": mint(links.Link{Purpose: links.Sign, Subject: id.New(id.Recipient) + ".1", Expires: later}),
	} {
		reply, body := s.get(address)
		if reply.StatusCode != http.StatusForbidden || body != want {
			t.Errorf("%s: %d\n%s", name, reply.StatusCode, body)
		}
		if reply, _ := s.ask(http.MethodPost, address+"/acts", "application/json", `{}`); reply.StatusCode != http.StatusForbidden {
			t.Errorf("%s: an act is answered with %d", name, reply.StatusCode)
		}
	}
}

func TestAPageIsFramedByTheOriginInItsLinkAndByNobodyElse(t *testing.T) {
	s := newScene(t)
	embedded := links.Link{Purpose: links.Embed, Subject: s.e.Recipients[0].ID + ".1 https://crm.example.com", Expires: s.now.Add(time.Hour)}
	reply, _ := s.get(s.server.URL + "/s/" + s.links.Mint(embedded))
	policy := reply.Header.Get("Content-Security-Policy")
	if reply.StatusCode != http.StatusOK || !strings.Contains(policy, "frame-ancestors https://crm.example.com;") || reply.Header.Get("X-Frame-Options") != "" {
		t.Errorf("an embedded page: %d, %q", reply.StatusCode, policy)
	}
	reply, _ = s.get(s.link(0))
	if !strings.Contains(reply.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || reply.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("a page from a letter: %v", reply.Header)
	}
}

func TestWhoeverIsNotAskedFindsACalmPage(t *testing.T) {
	agree := func(s *scene) { s.answerAs(0, envelope.Sign) }
	all := func(s *scene) {
		agree(s)
		s.answerAs(1, envelope.Sign)
		if err := s.apply(s.e.Complete(s.now)); err != nil {
			s.t.Fatal(err)
		}
	}
	for name, tt := range map[string]struct {
		before func(*scene)
		who    int
		say    string
		files  bool
	}{
		"not their turn yet":              {func(*scene) {}, 1, "One person acts before you.", false},
		"signed":                          {agree, 0, "You have signed", false},
		"declined, and so it ended":       {func(s *scene) { s.answerAs(0, envelope.Decline) }, 0, "You have declined", false},
		"ended because another declined":  {func(s *scene) { agree(s); s.answerAs(1, envelope.Decline) }, 0, "It has ended", false},
		"handed over":                     {func(s *scene) { s.answerAs(0, envelope.Delegate) }, 0, "You have handed this over", false},
		"voided":                          {func(s *scene) { _ = s.apply(s.e.Void(envelope.Void{ID: "v", Reason: "wrong"}, s.now)) }, 0, "It has been withdrawn", false},
		"expired":                         {func(s *scene) { _ = s.apply(s.e.Ring(s.e.ExpiresAt), nil) }, 0, "Its time has run out", false},
		"past the deadline":               {func(s *scene) { s.now = s.e.ExpiresAt }, 0, "Its time has run out", false},
		"completed, for one who signed":   {all, 0, "It is complete", true},
		"completed, for one with a copy":  {all, 2, "It is complete", true},
		"completed, for the other signer": {all, 1, "It is complete", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			tt.before(s)
			_, body := s.get(s.link(tt.who))
			if !strings.Contains(body, tt.say) || strings.Contains(body, "<form") || strings.Contains(body, `class="paper"`) {
				t.Errorf("the page says\n%s", body)
			}
			want := http.StatusNotFound
			if tt.files {
				want = http.StatusOK
			}
			for _, path := range []string{"/d/" + s.e.Documents[0].ID, "/p/" + s.e.Documents[0].ID + "/1", "/audit.pdf"} {
				if name == "signed" && path != "/audit.pdf" {
					continue // may look again at what they signed
				}
				if reply, _ := s.get(s.link(tt.who) + path); reply.StatusCode != want {
					t.Errorf("%s is answered with %d", path, reply.StatusCode)
				}
			}
		})
	}
}

func TestWhoWaitsIsToldHowManyAreBeforeAndNotWho(t *testing.T) {
	s := newScene(t, func(e *envelope.Envelope) {
		e.Recipients[1].Step, e.Recipients[2].Step, e.Recipients[2].Role = 1, 2, envelope.Signer
	})
	_, body := s.get(s.link(2))
	if !strings.Contains(body, "2 people act before you.") || strings.Contains(body, "Ann") || strings.Contains(body, "Bob") {
		t.Fatalf("the page says\n%s", body)
	}
}

func TestTheFinishedDocumentIsTheOneToDownload(t *testing.T) {
	s := newScene(t)
	address := s.link(0) + "/d/" + s.e.Documents[0].ID
	reply, body := s.get(address)
	if !strings.HasPrefix(body, "%PDF") || reply.Header.Get("Content-Disposition") != `attachment; filename="Services agreement.pdf"` {
		t.Errorf("got %q %s", body[:9], reply.Header.Get("Content-Disposition"))
	}
	s.answerAs(0, envelope.Sign)
	s.answerAs(1, envelope.Sign)
	if err := s.apply(s.e.Complete(s.now)); err != nil {
		t.Fatal(err)
	}
	if _, body := s.get(address); !strings.HasPrefix(body, "final") {
		t.Errorf("got %q", body[:9])
	}
}

func TestAPageIsAPictureAndAText(t *testing.T) {
	s := newScene(t)
	base, doc := s.link(0), s.e.Documents[0].ID
	reply, body := s.get(base + "/p/" + doc + "/1?w=800")
	if reply.Header.Get("Content-Type") != "image/png" || reply.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
		t.Errorf("the picture is %s of %d bytes", reply.Header.Get("Content-Type"), len(body))
	}
	if _, body := s.get(base + "/t/" + doc + "/1"); !strings.Contains(body, "Services agreement") {
		t.Errorf("the text is %s", body)
	}
	if _, body := s.get(base + "/text/" + doc); !strings.Contains(body, "For the client") || !strings.Contains(body, "Page 2") {
		t.Errorf("the text page is %s", body)
	}
	for _, path := range []string{"/p/" + doc + "/3", "/p/" + doc + "/x", "/p/" + id.New(id.Document) + "/1"} {
		if reply, _ := s.get(base + path); reply.StatusCode != http.StatusNotFound {
			t.Errorf("%s is answered with %d", path, reply.StatusCode)
		}
	}
}

// BenchmarkSigningPage is the page itself; its pictures come after it.
func BenchmarkSigningPage(b *testing.B) {
	s := newScene(b)
	link := s.link(0)
	for b.Loop() {
		if reply, _ := s.get(link); reply.StatusCode != http.StatusOK {
			b.Fatal(reply.Status)
		}
	}
}
