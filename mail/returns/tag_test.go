package returns_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"chancery/mail/returns"
)

func newTags(t testing.TB) *returns.Tags {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key)
	tags, err := returns.NewTags(key, "sign.example")
	if err != nil {
		t.Fatal(err)
	}
	return tags
}

func someTag() returns.Tag {
	tag := returns.Tag{LinkVersion: 3, Letter: [6]byte{1, 2, 3, 4, 5, 6}}
	rand.Read(tag.Recipient[:])
	return tag
}

func TestAReturnAddressTellsItsLetter(t *testing.T) {
	tags, want := newTags(t), someTag()
	address := tags.Address(want)
	name, _, _ := strings.Cut(address, "@")
	if len(name) > 64 {
		t.Errorf("the name has %d octets, mail servers take 64", len(name))
	}
	for what, written := range map[string]string{
		"as it was made":     address,
		"in capital letters": strings.ToUpper(address),
		"in angle brackets":  " <" + address + "> ",
	} {
		if got, ok := tags.Read(written); !ok || got != want {
			t.Errorf("%s it is read as %+v", what, got)
		}
	}
}

func TestNobodyMakesUpAReturnAddress(t *testing.T) {
	tags, others := newTags(t), newTags(t)
	good := tags.Address(someTag())
	name, domain, _ := strings.Cut(good, "@")
	for what, address := range map[string]string{
		"with another key":      others.Address(someTag()),
		"at another domain":     name + "@mail.example",
		"below our domain":      name + "@x." + domain,
		"without a tag":         tags.Collecting(),
		"with an empty tag":     "return+@" + domain,
		"shortened":             name[:len(name)-1] + "@" + domain,
		"lengthened":            name + "a@" + domain,
		"padded":                name + "=@" + domain,
		"with a line break":     name[:20] + "\n" + name[20:] + "@" + domain,
		"twice":                 good + "," + good,
		"nothing at all":        "",
		"the address of people": "signing@" + domain,
	} {
		if _, ok := tags.Read(address); ok {
			t.Errorf("an address %s is taken", what)
		}
	}
	for i := len("return+"); i < len(name); i++ {
		changed := []byte(name)
		if changed[i]++; changed[i] == 'z'+1 || changed[i] == '8' {
			changed[i] = 'a'
		}
		if _, ok := tags.Read(string(changed) + "@" + domain); ok {
			t.Errorf("with another letter at %d it is taken", i)
		}
	}
}
