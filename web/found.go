package web

import (
	"fmt"
	"regexp"
	"strings"

	"chancery/pades"
	"chancery/papers"
)

// found is an opinion for people.
type found struct {
	Mark       string // good, caution, bad or none: a shape and a colour
	Heading    string
	Sentence   string
	Issued     string
	Level      string
	SHA256     string
	Signatures []card
	Steps      []step
}

var headingTo = map[papers.Answer]string{
	papers.ValidUnchanged: "Valid and unchanged",
	papers.ValidPermitted: "Valid, with permitted changes",
	papers.HasChanged:     "Changed after it was signed",
	papers.IsBroken:       "Not to be relied on",
	papers.NotSigned:      "Not signed",
	papers.NotOurs:        "Intact, but not issued here",
}

var markOf = map[papers.Answer]string{
	papers.ValidUnchanged: "good", papers.ValidPermitted: "good", papers.HasChanged: "bad",
	papers.IsBroken: "bad", papers.NotSigned: "none", papers.NotOurs: "caution",
}

// card is one signature.
type card struct {
	Did         string // "Signed", "Sealed", ...
	Who         string
	Email       string
	Claimed     string
	Proven      string
	ProvenBy    string
	Level       string
	Trust       string
	Path        string
	Revocation  string
	Findings    []string
	LevelReason string
}

// step is one revision of the file, and what it brought.
type step struct {
	Title   string
	Changes []change
}

type change struct {
	Sentence string
	Allowed  bool
}

func foundIn(o papers.Opinion) found {
	f := found{Mark: markOf[o.Answer], Heading: headingTo[o.Answer], Sentence: o.Sentence, Level: levelWords[o.Report.Level], SHA256: o.Report.SHA256}
	if o.Issue != nil {
		f.Issued = moment(o.Issue.At)
	}
	by := map[string]pades.SignatureReport{}
	for _, s := range o.Report.Signatures {
		c := cardOf(s)
		if o.Test && s.Trust == pades.Trusted {
			c.Trust = "The certificate leads to the authority for tests, which binds nobody."
		}
		f.Signatures = append(f.Signatures, c)
		by[s.Field] = s
	}
	for _, r := range o.Report.Revisions {
		if s := stepOf(r, by); s.Title != "" {
			f.Steps = append(f.Steps, s)
		}
	}
	return f
}

var did = map[pades.Role]string{
	pades.Certification: "Certified", pades.Approval: "Signed", pades.Closing: "Sealed", pades.Stamping: "Timestamped",
}

var levelWords = map[pades.Level]string{
	pades.LevelB:   "B-B: signed",
	pades.LevelT:   "B-T: with proof of the time",
	pades.LevelLT:  "B-LT: with everything to check the certificates",
	pades.LevelLTA: "B-LTA: provable for many years",
}

var trustWords = map[string]string{
	string(pades.Trusted):      "The certificate leads to an authority that is trusted here.",
	string(pades.Untrusted):    "The certificate does not lead to an authority that is trusted here.",
	string(pades.TrustUnknown): "Whether the authority behind the certificate can be trusted is not known here.",
}

func cardOf(s pades.SignatureReport) card {
	c := card{
		Did: did[s.Role], Who: s.Name, Email: s.Email, Claimed: moment(s.SignedAt), ProvenBy: s.ProvenBy,
		Level: levelWords[s.Level], LevelReason: s.LevelReason, Trust: trustWords[string(s.Trust)],
		Path: strings.Join(s.Path, " → "), Revocation: s.Revocation,
	}
	if s.ProvenAt != nil {
		c.Proven = moment(*s.ProvenAt)
	}
	for _, f := range s.Findings {
		c.Findings = append(c.Findings, f.Sentence)
	}
	return c
}

// ownField is a field whose name was made by a hub and says nothing to people.
var ownField = regexp.MustCompile(`^(f\d+_|chancery_)`)

// stepOf says what a revision brought. Who signed stands in its title, so fields
// without a name for people are only counted.
func stepOf(r pades.Revision, by map[string]pades.SignatureReport) step {
	var s step
	if signature, ok := by[r.Signature]; ok {
		s.Title = did[signature.Role] + " by " + signature.Name
	} else if len(r.Changes) > 0 {
		s.Title = "Added afterwards"
	}
	filled := 0
	for _, c := range r.Changes {
		switch own := ownField.MatchString(c.Field); {
		case own && c.Allowed && c.Kind == filledIn:
			filled++
		case own && c.Allowed && c.Field == r.Signature: // the title says so
		default:
			s.Changes = append(s.Changes, change{plain(c.Sentence, by), c.Allowed})
		}
	}
	if filled > 0 {
		s.Changes = append(s.Changes, change{fmt.Sprintf("%s filled in.", fields(filled)), true})
	}
	return s
}

var (
	ownSigned = regexp.MustCompile(`the signature in "(f\d+_[^"]*|chancery_[^"]*)"`)
	ownPlace  = regexp.MustCompile(`(The|the|A|a) field "(?:f\d+_[^"]*|chancery_[^"]*)"`)
)

// plain leaves out of a sentence the names that only machines know.
func plain(sentence string, by map[string]pades.SignatureReport) string {
	sentence = ownSigned.ReplaceAllStringFunc(sentence, func(found string) string {
		return "the signature of " + by[ownSigned.FindStringSubmatch(found)[1]].Name
	})
	return ownPlace.ReplaceAllStringFunc(sentence, func(found string) string {
		if found[0] == 'T' || found[0] == 'A' {
			return "A field"
		}
		return "a field"
	})
}

// filledIn is the kind of a change of a form field.
const filledIn = "field"

func fields(n int) string {
	if n == 1 {
		return "One field was"
	}
	return fmt.Sprintf("%d fields were", n)
}
