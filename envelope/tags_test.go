package envelope_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"chancery/envelope"
)

func TestTagsAreReadInOneWay(t *testing.T) {
	ten := strings.Split("a b c d e f g h i j", " ")
	for name, tt := range map[string]struct{ said, want []string }{
		"none":                               {nil, nil},
		"spaces around are no part of a tag": {[]string{" EMEA\t", "key account"}, []string{"EMEA", "key account"}},
		"said twice is one":                  {[]string{"a", "b", " a"}, []string{"a", "b"}},
		"one letter written in two ways":     {[]string{"Ko\u0308ln", "K\u00f6ln"}, []string{"K\u00f6ln"}},
		"capitals make another":              {[]string{"emea", "EMEA"}, []string{"emea", "EMEA"}},
		"ten, and the first again":           {append(slices.Clone(ten), "a"), ten},
		"fifty letters":                      {[]string{strings.Repeat("ü", 50)}, []string{strings.Repeat("ü", 50)}},
	} {
		got, err := envelope.ReadTags(tt.said)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q became %q, %v", name, tt.said, got, err)
		}
	}
}

func FuzzTagsThatWereReadStayAsTheyAre(f *testing.F) {
	f.Add("EMEA", " a ")
	f.Add("Ko\u0308ln", "\u202eabc")
	f.Fuzz(func(t *testing.T, one, other string) {
		tags, err := envelope.ReadTags([]string{one, other})
		if err != nil {
			return
		}
		again, err := envelope.ReadTags(tags)
		if err != nil || !slices.Equal(again, tags) {
			t.Fatalf("%q became %q, %v", tags, again, err)
		}
		for _, tag := range tags {
			if !norm.NFC.IsNormalString(tag) || len([]rune(tag)) > envelope.MaxTag {
				t.Fatalf("%q is a tag", tag)
			}
		}
	})
}

func TestEveryEventTellsTheTags(t *testing.T) {
	e := form()
	told := func() string {
		body, err := json.Marshal(e.Tell(envelope.Event{Type: envelope.EventSigned, Recipient: "ann"}).Data.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if strings.Contains(told(), "tags") {
		t.Errorf("one without tags tells %s", told())
	}
	e.Tags = []string{"EMEA", "renewal"}
	if !strings.Contains(told(), `"tags":["EMEA","renewal"]`) {
		t.Errorf("one with tags tells %s", told())
	}
}
