package returns

import "github.com/jhillyerd/enmime/v2"

// complaints are the kinds of feedback (RFC 5965 §7.3, RFC 6430) by which a reader
// says that they do not want a letter. The others praise, or are about servers.
var complaints = map[string]bool{"abuse": true, "fraud": true, "opt-out": true, "opt-out-list": true}

// complaint reads a report of a provider. It goes to one address for all letters,
// so the letter is known by the return address it had.
func complaint(root *enmime.Part, groups []block) News {
	fields := groups[0]
	news := News{Kind: Complaint, Named: []string{fields["original-mail-from"], original(root).Get("Return-Path")}}
	if kind := firstWord(fields["feedback-type"]); !complaints[kind] {
		news.Kind, news.Why = Nothing, "it is feedback of another kind"
	}
	return news
}
