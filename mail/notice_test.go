package mail_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/mail"
)

// notice has everything that any kind can use.
func notice(kind string) mail.Notice {
	return mail.Notice{
		ID: "ntc_1", Kind: kind, Date: time.Date(2026, 8, 3, 9, 30, 0, 0, time.UTC), Good: time.Date(2026, 8, 4, 9, 30, 0, 0, time.UTC),
		To: mail.Address{Name: "Jürgen Größe", Email: "juergen@firma.example"}, Link: "https://hub.example/prove/abc",
		Who: "Ann Example", Organisation: "Example GmbH", Team: "Sales & <more>", Level: "Administrator", Key: "CRM", Email: "new@firma.example",
		Count: 2, From: "192.0.2.7", Device: "Mozilla/5.0 <script>",
	}
}

func kindsOfNotices(t *testing.T) (kinds []string) {
	t.Helper()
	files, err := filepath.Glob("templates/notice/*.tmpl")
	if err != nil || len(files) < 16 {
		t.Fatalf("found %d files, %v", len(files), err)
	}
	for _, file := range files {
		kinds = append(kinds, strings.TrimSuffix(filepath.Base(file), ".tmpl"))
	}
	return kinds
}

func TestEveryNoticeSaysWhatHappenedInBothHalves(t *testing.T) {
	for _, kind := range kindsOfNotices(t) {
		message, err := stationery(t).RenderNotice(notice(kind))
		if err != nil {
			t.Fatal(err)
		}
		wellFormed(t, kind, message)
		read := open(t, message)
		if read.GetHeader("Message-Id") != "<ntc_1@hub.example>" || read.GetHeader("Auto-Submitted") != "auto-generated" || read.GetHeader("Subject") == "" {
			t.Errorf("%s: the headers are %v", kind, read.GetHeaderKeys())
		}
		if from, err := read.AddressList("From"); err != nil || from[0].Name != "Chancery" || from[0].Address != "sign@hub.example" {
			t.Errorf("%s: it is from %v, %v", kind, from, err)
		}
		if strings.Contains(read.Text, "<no value>") || !strings.Contains(read.Text, "You get this letter at juergen@firma.example because") {
			t.Errorf("%s: the text is\n%s", kind, read.Text)
		}
		if strings.Contains(read.HTML, "<script>") || strings.Contains(read.HTML, "<more>") {
			t.Errorf("%s: the HTML lets markup through", kind)
		}
		if dir := os.Getenv("CHANCERY_ARTEFACTS"); dir != "" {
			_ = os.WriteFile(filepath.Join(dir, "notice-"+kind+".txt"), []byte(read.GetHeader("Subject")+"\n\n"+read.Text), 0o644)
		}
	}
}

func TestANoticeIsRefusedBeforeItIsSigned(t *testing.T) {
	for name, change := range map[string]func(*mail.Notice){
		"a header in a name":  func(n *mail.Notice) { n.Who = "Ann\r\nBcc: all@example.com" },
		"a header in a team":  func(n *mail.Notice) { n.Team = "x\nX-Evil: 1" },
		"a link to a script":  func(n *mail.Notice) { n.Link = "javascript:alert(1)" },
		"no such kind":        func(n *mail.Notice) { n.Kind = "../letter" },
		"two addresses":       func(n *mail.Notice) { n.To.Email = "a@example.com, b@example.com" },
		"no date":             func(n *mail.Notice) { n.Date = time.Time{} },
		"an id with brackets": func(n *mail.Notice) { n.ID = "x>" },
	} {
		n := notice("invited")
		change(&n)
		if _, err := stationery(t).RenderNotice(n); err == nil {
			t.Errorf("%s: it was written", name)
		}
	}
}

func TestTheReasonInANoticeIsTheWordsOfTheHouse(t *testing.T) {
	n := notice("access_rejected")
	n.Who, n.Reason = "", "Too little is said about the use."
	message, err := stationery(t).RenderNotice(n)
	if err != nil {
		t.Fatal(err)
	}
	if text := open(t, message).Text; !strings.Contains(text, "\nChancery wrote:") || !strings.Contains(text, "> Too little is said about the use.") {
		t.Errorf("it says %s", text)
	}
}
