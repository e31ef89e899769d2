package outbox

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/problem"
)

func TestLinksAreWebAddressesAndNothingElse(t *testing.T) {
	got := links(`<a href="https://a.example/s?x=1&amp;y=2">a</a> <a href="javascript:alert('https://b.example')">b</a> <a href="mailto:c@c.example">c</a>`,
		"See https://a.example/s?x=1&y=2, or (http://d.example/e). Not https://!")
	want := []string{"https://a.example/s?x=1&y=2", "http://d.example/e"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// A letter that is taken can be shown: what cannot be read is refused at the door.
func FuzzALetterThatIsTakenCanBeShown(f *testing.F) {
	f.Add([]byte("Subject: a\r\nContent-Type: image/png\r\nContent-ID: <x>\r\n\r\nbody"))
	f.Add([]byte("Content-Type: text/html\r\n\r\n<a href='https://a.example/?b=<c>'>d</a><img src=cid:x>"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhttps://a.example).\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		summary, err := summarise(raw, []string{"ann@example.com"}, time.Now())
		if problem.Has(err, "letter_unreadable") {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		letter, err := record{Summary: summary, Raw: raw}.letter()
		if err != nil {
			t.Fatalf("taken and not shown: %v", err)
		}
		for _, link := range letter.Links {
			if !strings.HasPrefix(strings.ToLower(link), "http") {
				t.Fatalf("%q is no link", link)
			}
		}
	})
}
