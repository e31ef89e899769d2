package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"chancery/envelope"
	"chancery/id"
)

type object = map[string]any

// answer is what the page would send for recipient 0.
func (s *scene) answer(change object) string {
	values := object{}
	for _, f := range s.e.FieldsOf(s.e.Recipients[0]) {
		switch f.Kind {
		case envelope.TextField:
			values[f.ID] = "Brno"
		case envelope.DateField:
			values[f.ID] = "2026-03-02"
		case envelope.CheckboxField:
			values[f.ID] = "yes"
		}
	}
	body := object{"id": id.New(id.Act), "kind": "sign", "values": values, "ink": object{"typed": "Ann"}, "consent": true}
	for k, v := range change {
		body[k] = v
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func TestTheSameActTwiceIsOneAct(t *testing.T) {
	s := newScene(t)
	body := s.answer(nil)
	for range 2 {
		reply, text := s.ask(http.MethodPost, s.link(0)+"/acts", "application/json", body)
		if reply.StatusCode != http.StatusOK || !strings.Contains(text, `"recipient":"signed"`) || !strings.Contains(text, `"envelope":"sent"`) {
			t.Fatalf("got %d %s", reply.StatusCode, text)
		}
	}
	acts := s.did()
	if len(acts) != 1 || acts[0].Recipient != s.e.Recipients[0].ID || acts[0].Origin.Address != "127.0.0.1" || acts[0].Origin.Device == "" {
		t.Fatalf("the desk got %+v", acts)
	}
}

func TestABadAnswerChangesNothingAndSaysWhy(t *testing.T) {
	s := newScene(t)
	for name, tt := range map[string]struct {
		body   string
		status int
		code   string
	}{
		"without consent":          {s.answer(object{"consent": false}), 422, "consent_missing"},
		"without ink":              {s.answer(object{"ink": object{}}), 422, "signature_missing"},
		"with an empty field":      {s.answer(object{"values": object{}}), 422, "field_required"},
		"another's field":          {s.answer(object{"values": object{s.e.Fields[5].ID: "x"}}), 422, "field_required"},
		"an id that is no act's":   {s.answer(object{"id": "rcp_1"}), 422, "act_id_invalid"},
		"a member we do not know":  {s.answer(object{"recipient": "rcp_1"}), 422, "request_unreadable"},
		"two values":               {s.answer(nil) + "{}", 422, "request_unreadable"},
		"no JSON":                  {"{", 422, "request_unreadable"},
		"an approval by a signer":  {s.answer(object{"kind": "approve"}), 403, "act_not_yours"},
		"an answer of no kind":     {s.answer(object{"kind": "bless"}), 403, "act_not_yours"},
		"declining without reason": {s.answer(object{"kind": "decline", "reason": "  "}), 422, "reason_missing"},
		"a delegate not preset":    {s.answer(object{"kind": "delegate", "delegate": object{"name": "Eve", "email": "eve@example.org"}}), 403, "sandbox_recipient_not_preset"},
		"a picture never uploaded": {s.answer(object{"ink": object{"picture": id.New("pic")}}), 422, "picture_unknown"},
		"a drawing of 2 MB":        {s.answer(object{"reason": strings.Repeat("x", 2<<20)}), 413, "body_too_large"},
	} {
		reply, text := s.ask(http.MethodPost, s.link(0)+"/acts", "application/json", tt.body)
		if reply.StatusCode != tt.status || !strings.Contains(text, `"`+tt.code+`"`) {
			t.Errorf("%s: got %d %s", name, reply.StatusCode, text)
		}
	}
	if acts := s.did(); len(acts) != 0 {
		t.Fatalf("the desk got %+v", acts)
	}
}

func TestAnotherSiteCannotSignForYou(t *testing.T) {
	s := newScene(t)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.link(0)+"/acts", strings.NewReader(s.answer(nil)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://evil.example")
	reply, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusForbidden || len(s.did()) != 0 {
		t.Fatalf("got %d and %v", reply.StatusCode, s.did())
	}
}

func TestPlainFormsDoWithoutScripts(t *testing.T) {
	for name, tt := range map[string]struct {
		role  envelope.Role
		form  url.Values
		after string
	}{
		"approving":  {envelope.Approver, url.Values{"kind": {"approve"}}, "You have approved"},
		"reading":    {envelope.Viewer, url.Values{"kind": {"view"}}, "You have read it"},
		"declining":  {envelope.Signer, url.Values{"kind": {"decline"}, "reason": {"too dear"}}, "You have declined"},
		"delegating": {envelope.Signer, url.Values{"kind": {"delegate"}, "name": {"Dan"}, "email": {" dan@example.com"}}, "You have handed this over"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, func(e *envelope.Envelope) {
				if e.Recipients[0].Role = tt.role; tt.role != envelope.Signer {
					e.Fields = e.Fields[5:]
				}
			})
			_, page := s.get(s.link(0))
			tt.form.Set("id", regexp.MustCompile(`name="id" value="(act_\w+)"`).FindStringSubmatch(page)[1])
			for range 2 { // a double click
				reply, body := s.ask(http.MethodPost, s.link(0)+"/acts", "application/x-www-form-urlencoded", tt.form.Encode())
				if reply.StatusCode != http.StatusOK || !strings.Contains(body, tt.after) {
					t.Fatalf("got %d %s", reply.StatusCode, body)
				}
			}
			if acts := s.did(); len(acts) != 1 {
				t.Fatalf("the desk got %+v", acts)
			}
		})
	}
}

func TestAPictureIsGoodForWhoeverUploadedIt(t *testing.T) {
	s := newScene(t, func(e *envelope.Envelope) { e.Recipients[1].Step = 1 })
	upload := func(i int) string {
		reply, text := s.ask(http.MethodPost, s.link(i)+"/picture", "image/png", "\x89PNG")
		var kept struct{ Picture string }
		if err := json.Unmarshal([]byte(text), &kept); err != nil || reply.StatusCode != http.StatusOK {
			t.Fatalf("got %d %s", reply.StatusCode, text)
		}
		return kept.Picture
	}
	theirs, others := upload(0), upload(1)
	if reply, text := s.ask(http.MethodPost, s.link(0)+"/acts", "application/json", s.answer(object{"ink": object{"picture": others}})); reply.StatusCode != 422 {
		t.Fatalf("another's picture: %d %s", reply.StatusCode, text)
	}
	if reply, text := s.ask(http.MethodPost, s.link(0)+"/acts", "application/json", s.answer(object{"ink": object{"picture": theirs}})); reply.StatusCode != 200 {
		t.Fatalf("their own picture: %d %s", reply.StatusCode, text)
	}
	if got := s.did()[0].Ink.Picture; !id.Is("pic", got) {
		t.Fatalf("the desk got picture %q", got)
	}
	if reply, _ := s.ask(http.MethodPost, s.link(1)+"/picture", "image/png", strings.Repeat("x", 1<<20+1)); reply.StatusCode != http.StatusRequestEntityTooLarge {
		t.Fatalf("a large picture is answered with %d", reply.StatusCode)
	}
}
