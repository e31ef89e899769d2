package verify

import "testing"

func TestALockCoversTheFieldsItNamesAndThoseBelow(t *testing.T) {
	include := lock{names: []string{"a", "b.c"}}
	exclude := lock{except: true, names: []string{"a", "b.c"}}
	everything := lock{except: true}
	for name, covered := range map[string]bool{
		"a": true, "a.x": true, "ab": false, "b": false, "b.c": true, "b.c.d": true, "b.cd": false, "": false,
	} {
		if include.covers(name) != covered || exclude.covers(name) == covered || !everything.covers(name) {
			t.Errorf("%q: %t %t %t", name, include.covers(name), exclude.covers(name), everything.covers(name))
		}
	}
}

func TestAPolicyOnlyGetsStricter(t *testing.T) {
	var p policy
	if !p.allows(Filled) || p.allows(Annotation) || !p.allows(Evidence) {
		t.Error("without a certification, others may fill in and sign")
	}
	for _, step := range []struct {
		permits                      int
		filled, annotated, evidenced bool
	}{
		{permitComments, true, true, true}, {permitFilling, true, false, true}, {permitComments, true, false, true},
		{permitNothing, false, false, true}, {permitFilling, false, false, true},
	} {
		p.limit(step.permits)
		if p.allows(Filled) != step.filled || p.allows(Annotation) != step.annotated || p.allows(Stamped) != step.evidenced {
			t.Errorf("after P %d: %+v", step.permits, p)
		}
	}
}

func TestOnlyWellFormedXMPIsMetadata(t *testing.T) {
	for text, want := range map[string]bool{
		`<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta><?xpacket end="w"?>`: true,
		`<a><b></a></b>`:                     false,
		``:                                   false,
		`BT (Pay Eve) Tj ET`:                 false,
		`<a`:                                 false,
		`<!DOCTYPE a [<!ENTITY b "c">]><a/>`: false,
	} {
		if wellFormedXML([]byte(text)) != want {
			t.Errorf("%s: want %t", text, want)
		}
	}
}
