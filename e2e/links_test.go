package e2e

import (
	"net/http"
	"testing"
	"time"

	"chancery/demo"
)

func TestALinkTakesOneAnswerInItsTurn(t *testing.T) {
	b := openBench(t, "production", "links")
	s := b.story("links")
	must(t, s.send())
	first := linkOf(t, s, 0)
	early := given(t, s, 1)
	b.refused(t, "before their turn", early, demo.Signature(), http.StatusConflict, "not_your_turn")
	b.refused(t, "without consent", first, without(demo.Signature(), "consent"), http.StatusUnprocessableEntity, "consent_missing")

	signature := demo.Signature()
	s.acts[0] = signature["id"].(string)
	once := b.act(t, first, signature)
	must(t, once.err())
	twice := b.act(t, first, signature)
	if twice.status != once.status || !sameJSON(once.body, twice.body) {
		t.Errorf("the same act again is answered %d %s, want %d %s", twice.status, twice.body, once.status, once.body)
	}
	b.refused(t, "with another id", first, demo.Signature(), http.StatusConflict, "acted_already")

	must(t, s.sign(1))
	must(t, s.completed())
	b.refused(t, "after the end", first, demo.Signature(), http.StatusConflict, "envelope_ended")
	again := b.act(t, first, signature)
	if again.status != once.status {
		t.Errorf("the same act after the end is answered %d %s, want %d", again.status, again.body, once.status)
	}
	findings(t, []*story{s}, b.heard)
}

func TestALinkThatIsNotOursOpensNothing(t *testing.T) {
	b := openBench(t, "production", "foreign")
	s := b.story("foreign")
	must(t, s.send())
	link := linkOf(t, s, 0)
	forged := link[:len(link)-1] + string('A'+(link[len(link)-1]-'A'+1)%26)
	before := trailLength(t, s)
	for why, path := range map[string]string{"forged": forged, "of nobody": "/s/" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cut short": link[:30]} {
		b.refused(t, why, path, demo.Signature(), http.StatusForbidden, "link_invalid")
		if got, err := newCaller(b.url, "").call(http.MethodGet, path, "", nil); err != nil || got.status != http.StatusForbidden {
			t.Errorf("a link %s shows %d, %v", why, got.status, err)
		}
	}
	correction := map[string]any{"email": "ann.lee@example.com"}
	must(t, b.api.insist(http.MethodPatch, "/v1/envelopes/"+s.id+"/recipients/"+s.who[0], "", correction, nil))
	b.refused(t, "older than a correction", link, demo.Signature(), http.StatusForbidden, "link_invalid")
	if after := trailLength(t, s); after != before+1 {
		t.Errorf("the trail grew from %d to %d lines, want the correction alone", before, after)
	}
}

func TestADelegatedLinkIsDone(t *testing.T) {
	b := openBench(t, "production", "delegated")
	s := b.story("delegated")
	must(t, s.send())
	link := linkOf(t, s, 0)
	handOver := demo.Signature()
	handOver = map[string]any{"id": handOver["id"], "kind": "delegate", "reason": "on leave",
		"delegate": map[string]string{"name": "Cleo Ngata", "email": "cleo@example.com"}}
	must(t, b.act(t, link, handOver).err())
	b.refused(t, "after handing over", link, demo.Signature(), http.StatusConflict, "acted_already")

	var e sentEnvelope
	must(t, b.api.insist(http.MethodGet, "/v1/envelopes/"+s.id, "", nil, &e))
	if len(e.Recipients) != 3 {
		t.Fatalf("the envelope has %d recipients, want three", len(e.Recipients))
	}
	s.who[0] = e.Recipients[2].ID
	must(t, b.act(t, given(t, s, 0), demo.Signature()).err())
	b.refused(t, "after the other has signed", link, demo.Signature(), http.StatusConflict, "acted_already")
}

func TestNothingIsSignedAfterAVoid(t *testing.T) {
	b := openBench(t, "production", "voided")
	s := b.story("voided")
	must(t, s.send())
	link := linkOf(t, s, 0)
	reason := map[string]any{"reason": "The price has changed."}
	must(t, b.api.insist(http.MethodPost, "/v1/envelopes/"+s.id+"/void", "void", reason, nil))
	b.refused(t, "after a void", link, demo.Signature(), http.StatusConflict, "envelope_ended")
	if e, err := s.look(); err != nil || e.Status != "voided" {
		t.Errorf("the envelope is %s, %v", e.Status, err)
	}
}

func TestAnExpiredLinkOpensNothing(t *testing.T) {
	t.Parallel() // it mostly waits
	b := openBench(t, "production", "expired")
	s := b.story("expired")
	must(t, s.send())
	at := "/v1/envelopes/" + s.id + "/recipients/" + s.who[0] + "/signing-link"
	var link struct {
		URL       string
		ExpiresAt time.Time `json:"expires_at"`
	}
	must(t, b.api.insist(http.MethodPost, at, "", map[string]any{"expires_after": "1m"}, &link))
	path := signingPath.FindString(link.URL)
	open, err := newCaller(b.url, "").call(http.MethodGet, path, "", nil)
	if err != nil || open.status != http.StatusOK {
		t.Fatalf("the link shows %d, %v before it expires", open.status, err)
	}
	time.Sleep(time.Until(link.ExpiresAt.Add(time.Second))) // the shortest lifetime that there is
	b.refused(t, "expired", path, demo.Signature(), http.StatusForbidden, "link_invalid")
}

func TestLookingChangesNothing(t *testing.T) {
	b := openBench(t, "production", "looking")
	s := b.story("looking")
	must(t, s.send())
	link := linkOf(t, s, 0)
	before := trailLength(t, s)
	for _, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet, http.MethodOptions} {
		for _, path := range []string{link, link + "/acts", link + "/p/" + s.document + "/1", link + "/t/" + s.document + "/1", link + "/text/" + s.document} {
			if _, err := newCaller(b.url, "").call(method, path, "", nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if after := trailLength(t, s); after != before {
		t.Errorf("the trail grew from %d to %d lines", before, after)
	}
	if e, err := s.look(); err != nil || e.Recipients[0].Status != "released" {
		t.Errorf("the signer is %s, %v", e.Recipients[0].Status, err)
	}
}
