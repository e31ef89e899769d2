package papers_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"chancery/envelope"
	"chancery/pades/font"
	"chancery/papers"
)

func TestEveryHandCanWrite(t *testing.T) {
	if !slices.Equal(envelope.Hands, font.Hands()) {
		t.Fatalf("acts name the hands %v, fonts %v", envelope.Hands, font.Hands())
	}
	for _, face := range envelope.Hands {
		for _, name := range []string{"Zoë Žižková", `<"&'>`, "", "🙂"} {
			whole := string((&papers.Papers{}).Written(face, name, false))
			if err := xml.Unmarshal([]byte(whole), new(struct{})); err != nil || strings.Contains(whole, "NaN") {
				t.Errorf("%s writes %q as %s: %v", face, name, whole, err)
			}
		}
		if letters := string((&papers.Papers{}).Written(face, "Ann Lee", true)); strings.Count(letters, "M") < 2 {
			t.Errorf("%s writes the initials as %s", face, letters)
		}
	}
}
