package returns

import (
	"regexp"
	"strings"
)

// delivery reads the groups of a delivery status: one for the message, and one for
// each person it was for, which says what was done (RFC 3464 §2.3.3). One of a
// letter that reached somebody after all, through an alias of several, is nothing.
func delivery(groups []block) News {
	news := News{Kind: Nothing, Why: "it reports no failure"}
	for _, g := range groups {
		status := statusOf(g)
		switch action := firstWord(g["action"]); {
		case action == "delivered" || action == "relayed" || action == "expanded":
			return News{Kind: Nothing, Why: "it was " + action}
		case action == "failed", action == "" && strings.HasPrefix(status, "5"):
			news = News{Kind: Failed, Status: status}
		case action == "delayed" && news.Kind == Nothing:
			news.Why = "it is late, and still tried"
		}
	}
	return news
}

// statusForm is a status between other words; with more dots and digits around it
// it would be an address or a date.
var statusForm = regexp.MustCompile(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:$|[^\d.]|\.(?:$|\D))`)

// statusIn is the first status in the text, or "".
func statusIn(text string) string {
	found := statusForm.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	return found[1]
}

// statusOf is the status that says most: many servers write x.0.0 and put what
// they were told into the diagnosis.
func statusOf(g block) string {
	said, told := statusIn(g["status"]), statusIn(g["diagnostic-code"])
	if said == "" || strings.HasSuffix(said, ".0.0") && told != "" && told[0] == said[0] {
		return told
	}
	return said
}

func firstWord(text string) string {
	word, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), " ")
	return word
}
