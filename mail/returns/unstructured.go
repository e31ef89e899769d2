package returns

import (
	"regexp"
	"strings"

	"github.com/jhillyerd/enmime/v2"
)

// unstructured judges a message that is no report. It came to a letter's return
// address, to which nobody writes but programs: mail servers that do not know RFC
// 3464, and programs that answer for people on holiday.
func unstructured(root *enmime.Part, from string) News {
	h := root.Header
	switch {
	case h.Get("X-Failed-Recipients") != "":
	case automatic(h):
		return News{Kind: Nothing, Why: "it is an automatic answer"}
	case from != "" && !postmaster(from):
		return News{Kind: Nothing, Why: "it is not from a mail server"}
	}
	text := excerpt(root)
	status := statusIn(text)
	code := replyForm.FindStringSubmatch(text)
	switch {
	case lateForm.MatchString(h.Get("Subject")) && !strings.HasPrefix(status, "5"):
		return News{Kind: Nothing, Why: "it is late, and still tried"}
	case strings.HasPrefix(status, "2"), strings.HasPrefix(status, "4") && (code == nil || code[1] == "4"):
		return News{Kind: Nothing, Why: "it reports no failure"}
	case status == "" && code == nil && !daemon(h.Get("From")):
		return News{Kind: Nothing, Why: "it does not say that anything failed"}
	}
	return News{Kind: Failed, Status: status}
}

// headers are those of any message.
type headers interface{ Get(name string) string }

// automatic finds answers that were made without a person (RFC 3834 §5) and what
// programs wrote before there was that.
func automatic(h headers) bool {
	if by := firstWord(strings.ReplaceAll(h.Get("Auto-Submitted"), ";", " ")); by != "" && by != "no" {
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "X-Vacation"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return firstWord(h.Get("Precedence")) == "auto_reply"
}

func postmaster(from string) bool {
	name, _, _ := strings.Cut(strings.ToLower(from), "@")
	return name == "mailer-daemon" || name == "postmaster"
}

// daemon tells whether a From is that of a mail server, which needs no address.
func daemon(from string) bool {
	from = strings.ToLower(from)
	return strings.Contains(from, "mailer-daemon") || strings.Contains(from, "postmaster") || strings.Contains(from, "mail delivery")
}

var (
	// replyForm is a reply of SMTP among words.
	replyForm = regexp.MustCompile(`\b([45])\d\d[ -]`)
	// lateForm is how servers call a notice that a letter has not arrived yet.
	lateForm = regexp.MustCompile(`(?i)\bdelay|\bwarning\b|\bstill trying\b|verzögert|retard|\btransient\b`)
)

// maxExcerpt is how much of a notice is looked at, in bytes: what matters comes first.
const maxExcerpt = 16 << 10

func excerpt(root *enmime.Part) string {
	part := root.BreadthMatchFirst(func(p *enmime.Part) bool {
		return p.FirstChild == nil && (p.ContentType == "" || strings.HasPrefix(p.ContentType, "text/"))
	})
	if part == nil {
		return ""
	}
	return strings.ToValidUTF8(string(part.Content[:min(len(part.Content), maxExcerpt)]), "")
}
