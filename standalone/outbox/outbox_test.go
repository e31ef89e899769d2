package outbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/standalone/outbox"
)

const letter = "From: Chancery <hub@example.com>\r\n" +
	"To: Ann <ann@example.com>\r\n" +
	"Subject: =?utf-8?q?Bitte_unterschreiben=3A_B=C3=BCrgschaft?=\r\n" +
	"Message-ID: <let_1@example.com>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSign at https://hub.example.com/s/secret-token.\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p style=\"color:red\">Please <a href=\"https://hub.example.com/s/secret-token\">sign</a> <script>alert(1)</script></p>\r\n" +
	"--b--\r\n"

func TestALetterSentIsKeptSealedAndGivenBack(t *testing.T) {
	folder, box := open(t)
	address, _ := receive(t, box)
	send(t, address, letter)

	list := box.Letters()
	if len(list) != 1 {
		t.Fatalf("outbox has %d letters, want 1", len(list))
	}
	got, err := box.Letter(list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := outbox.Letter{
		Summary: outbox.Summary{
			ID: list[0].ID, To: []string{"ann@example.com", "bcc@example.com"}, From: "Chancery <hub@example.com>",
			Subject: "Bitte unterschreiben: Bürgschaft", Date: list[0].Date, MessageID: "<let_1@example.com>",
		},
		Text:  "Sign at https://hub.example.com/s/secret-token.",
		HTML:  got.HTML,
		Links: []string{"https://hub.example.com/s/secret-token"},
	}
	want.Headers = got.Headers
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("letter differs (-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(got.Headers, "boundary=b") || !strings.Contains(got.HTML, "color:red") {
		t.Fatalf("headers %q, html %q", got.Headers, got.HTML)
	}
	raw, err := box.Raw(list[0].ID)
	if err != nil || string(raw) != letter {
		t.Fatalf("raw letter is %q, %v", raw, err)
	}
	if onDisk := content(t, folder); bytes.Contains(onDisk, []byte("secret-token")) || bytes.Contains(onDisk, []byte("ann@")) {
		t.Fatal("the letter lies open on the disk")
	}
}

func TestTheSameLetterTwiceIsOneLetter(t *testing.T) {
	folder, box := open(t)
	address, _ := receive(t, box)
	send(t, address, letter)
	send(t, address, letter)
	send(t, address, strings.Replace(letter, "let_1", "let_2", 1))
	again := reopen(t, folder)
	if diff := cmp.Diff(box.Letters(), again.Letters()); diff != "" || len(again.Letters()) != 2 {
		t.Fatalf("after reopening %d letters, want 2:\n%s", len(again.Letters()), diff)
	}
}

func TestARefusedLetterLeavesNothingAndIsTakenLater(t *testing.T) {
	_, box := open(t)
	address, receiver := receive(t, box)
	receiver.Refuse(true)
	err := smtp.SendMail(address, nil, "hub@example.com", []string{"ann@example.com"}, []byte(letter))
	if err == nil || !strings.HasPrefix(err.Error(), "451") || len(box.Letters()) != 0 {
		t.Fatalf("got %v and %d letters, want 451 and none", err, len(box.Letters()))
	}
	receiver.Refuse(false)
	send(t, address, letter)
	if len(box.Letters()) != 1 {
		t.Fatal("the letter was not taken later")
	}
}

func TestALetterToAMailboxThatThereIsNotComesBack(t *testing.T) {
	_, box := open(t)
	address, receiver := receive(t, box)
	_, others := open(t)
	back, _ := receive(t, others)
	receiver.BounceTo(back)
	for _, to := range []string{"ann@example.com", "Bounce@example.com"} {
		if err := smtp.SendMail(address, nil, "return+1@example.com", []string{to}, []byte(strings.Replace(letter, "let_1", to, 1))); err != nil {
			t.Fatal(err)
		}
	}
	came := others.Letters()
	for end := time.Now().Add(10 * time.Second); len(came) == 0 && time.Now().Before(end); came = others.Letters() {
		time.Sleep(10 * time.Millisecond)
	}
	if len(came) != 1 || len(box.Letters()) != 2 || came[0].To[0] != "return+1@example.com" {
		t.Fatalf("%d letters were kept and %+v came back", len(box.Letters()), came)
	}
	if raw, _ := others.Raw(came[0].ID); !bytes.Contains(raw, []byte("Final-Recipient: rfc822; Bounce@example.com")) {
		t.Errorf("it does not say whose letter it is: %s", raw)
	}
}

func TestALetterThatCannotBeReadIsRefusedForGood(t *testing.T) {
	_, box := open(t)
	address, _ := receive(t, box)
	err := smtp.SendMail(address, nil, "hub@example.com", []string{"ann@example.com"}, []byte("no header\r\n\r\nbody"))
	if err == nil || !strings.HasPrefix(err.Error(), "554") {
		t.Fatalf("got %v, want 554", err)
	}
}

func TestAFileUnderAnotherNameDoesNotOpen(t *testing.T) {
	folder, box := open(t)
	if err := box.Keep([]byte(letter), nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, box.Letters()[0].ID+".letter")
	if err := os.Rename(name, filepath.Join(folder, strings.Repeat("0", 32)+".letter")); err != nil {
		t.Fatal(err)
	}
	if _, err := outbox.Open(folder, key(t, folder)); err == nil {
		t.Fatal("a letter posed as another")
	}
}

func TestThePageShowsALetterAndRunsNothingOfIt(t *testing.T) {
	_, box := open(t)
	page := outbox.NewPage(box, slog.Default())
	if body := get(t, page, "/").body; !strings.Contains(body, "No letters yet") {
		t.Fatalf("empty page says %q", body)
	}
	if err := box.Keep([]byte(letter), []string{"ann@example.com"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	id := box.Letters()[0].ID
	if body := get(t, page, "/").body; !strings.Contains(body, `href="letters/`+id) || !strings.Contains(body, "Bürgschaft") {
		t.Fatalf("list says %q", body)
	}
	shown := get(t, page, "/letters/"+id)
	if strings.Contains(shown.body, "<script>") || !strings.Contains(shown.body, `sandbox="allow-popups`) {
		t.Fatalf("letter page says %q", shown.body)
	}
	if policy := shown.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "script-src") {
		t.Fatalf("policy is %q", policy)
	}
	if raw := get(t, page, "/letters/"+id+".eml"); raw.body != letter || raw.header.Get("Content-Type") != "message/rfc822" {
		t.Fatalf("raw letter is %q of type %q", raw.body, raw.header.Get("Content-Type"))
	}
	var list []map[string]any
	if err := json.Unmarshal([]byte(get(t, page, "/letters").body), &list); err != nil || list[0]["message_id"] != "<let_1@example.com>" {
		t.Fatalf("list is %v, %v", list, err)
	}
}

func TestThePageServesOnlyWhatExistsAndOnlyHere(t *testing.T) {
	_, box := open(t)
	page := outbox.LocalOnly(outbox.NewPage(box, slog.Default()))
	for target, want := range map[string]int{
		"http://localhost:8025/": 200,
		"http://127.0.0.1/":      200,
		"http://[::1]:8025/":     200,
		"http://localhost:8025/letters/..%2f..%2fkeys%2foutbox.eml": 404,
		"http://localhost:8025/letters/00":                          404,
		"http://localhost:8025/letters/00.eml":                      404,
		"http://rebound.example.com:8025/":                          421,
		"http://localhost.example.com/":                             421,
	} {
		if got := get(t, page, target).status; got != want {
			t.Errorf("%s answers %d, want %d", target, got, want)
		}
	}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, page http.Handler, target string) answer {
	t.Helper()
	recorder := httptest.NewRecorder()
	page.ServeHTTP(recorder, httptest.NewRequest("GET", target, nil))
	body, err := io.ReadAll(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{recorder.Code, recorder.Header(), string(body)}
}

func open(t *testing.T) (folder string, box *outbox.Outbox) {
	t.Helper()
	folder = t.TempDir()
	return folder, reopen(t, folder)
}

func reopen(t *testing.T, folder string) *outbox.Outbox {
	t.Helper()
	box, err := outbox.Open(folder, key(t, folder))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func key(t *testing.T, folder string) outbox.Sealer {
	t.Helper()
	sealer, err := outbox.OpenKeyFile(filepath.Join(folder, "keys", "outbox.key"))
	if err != nil {
		t.Fatal(err)
	}
	return sealer
}

func receive(t *testing.T, box *outbox.Outbox) (string, *outbox.Receiver) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	receiver := outbox.Receive(listener, box, slog.Default())
	t.Cleanup(func() {
		if err := receiver.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String(), receiver
}

func send(t *testing.T, address, letter string) {
	t.Helper()
	err := smtp.SendMail(address, nil, "hub@example.com", []string{"ann@example.com", "bcc@example.com"}, []byte(letter))
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, folder string) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.letter"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
