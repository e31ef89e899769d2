package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery/demo"
	"chancery/pades/paper"
)

// The words of this envelope occur nowhere else in the world.
const (
	oddTitle   = "Zyxomeric Quandlewort"
	oddMessage = "Plimforth bequeaths vexillocand"
	oddValue   = "Mardlewhisk Trogfen"
	oddReason  = "Brungleship vomblatrix"
	oddText    = "Underfrobbed Klavenscroft"
	oddFile    = "wimblefrank-skoldery.pdf"
)

var (
	oddAnn = player{"Xanthoquill Drepanovitz", "xanthoquill@drepanovitz.example"}
	oddBob = player{"Jorvikemble Splathurst", "jorvikemble@splathurst.example"}
)

func TestNothingAPersonWroteLiesInClear(t *testing.T) {
	own := ownFoundation(t)
	house, err := settle(own)
	must(t, err)
	address := freeAddress(t)
	public := "CHANCERY_PUBLIC_URL=http://" + address
	api, err := house.serve(address, public)
	must(t, err)
	api.attend(t, "chancery serve")
	worker, err := house.work(freeAddress(t), public)
	must(t, err)
	worker.attend(t, "chancery worker")

	key := house.team(t, "production", "Secrets")
	secrets := playInSecret(t, newCaller("http://"+address, key), openOutbox(own.Outbox))
	secrets["API key"] = []byte(key[strings.LastIndex(key, "_")+1:])
	for _, p := range []*process{worker, api, own.process} {
		if code := p.stop(); code != 0 {
			t.Errorf("%s exits with %d: %s", p.cmd.Args, code, lastLines(p.said.String(), 10))
		}
	}
	must(t, os.WriteFile(filepath.Join(own.folder, "planted"), []byte("x"+oddTitle[3:12]+"y"), 0o600))
	found, read := search(t, own.folder, secrets)
	t.Logf("searched %d MB for %d secrets", read>>20, len(secrets))
	planted := false
	for _, hit := range found {
		if strings.HasPrefix(hit, "planted:") {
			planted = true
			continue
		}
		t.Error(hit)
	}
	if !planted {
		t.Error("the search does not find what was put there to be found")
	}
}

// playInSecret plays one envelope to its end and one that is declined, and returns
// everything that nobody may read on the disk.
func playInSecret(t *testing.T, api *caller, letters outbox) map[string][]byte {
	t.Helper()
	secrets := map[string][]byte{}
	heard := subscribe(t, api)
	secrets["webhook secret"] = []byte(strings.TrimPrefix(heard.secret, "whsec_"))
	d := paper.New(oddTitle, time.Now())
	d.Title(oddTitle)
	d.Paragraph(oddText)
	file := d.Bytes()
	document, err := api.upload(oddFile, file)
	must(t, err)
	odd := func(name string) *story {
		return &story{name: name, api: api, letters: letters, document: document, title: oddTitle, message: oddMessage,
			signers: [2]player{oddAnn, oddBob}, values: map[string]string{"Place": oddValue}}
	}
	s := odd("secret")
	must(t, s.play())
	findings(t, []*story{s}, heard)
	for i := range s.who {
		secrets[fmt.Sprintf("link of signer %d", i+1)] = []byte(strings.TrimPrefix(linkOf(t, s, i), "/s/"))
	}
	declined := odd("declined in secret")
	must(t, declined.send())
	answer := map[string]any{"id": demo.Signature()["id"], "kind": "decline", "reason": oddReason}
	must(t, newCaller(api.url, "").insist(http.MethodPost, linkOf(t, declined, 0)+"/acts", "", answer, nil))

	for i, text := range []string{oddTitle, oddMessage, oddValue, oddReason, oddText, oddFile, oddAnn.name, oddBob.name, oddAnn.email, oddBob.email} {
		for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '@' || r == '.' || r == '-' }) {
			if len(word) > fragment && word != "example" {
				secrets[fmt.Sprintf("word %q of text %d", word, i+1)] = []byte(word)
			}
		}
	}
	final, err := api.get("/v1/envelopes/" + s.id + "/documents/" + document + "/final")
	must(t, err)
	secrets["signed PDF"], secrets["head of a PDF"] = signatureIn(t, final), []byte("%PDF-1.")
	return secrets
}

// signatureIn is the end of the first signature, in the hexadecimal digits in which
// a PDF holds it. What stands before are certificates, which are no secret.
func signatureIn(t *testing.T, file []byte) []byte {
	t.Helper()
	_, rest, _ := bytes.Cut(file, []byte("/Contents <"))
	padded, _, _ := bytes.Cut(rest, []byte(">"))
	digits := bytes.TrimRight(padded, "0")
	if len(digits) < 1000 {
		t.Fatal("the signed document has no signature to look for")
	}
	return bytes.Clone(digits[len(digits)-64:])
}

// fragment is how much of a secret must not be found, in bytes: a page that PostgreSQL
// has compressed still shows runs of eight.
const fragment = 7

// search looks into every file for fragments of the secrets, as they are and in base64.
func search(t *testing.T, folder string, secrets map[string][]byte) (found []string, read int64) {
	t.Helper()
	fragments, begins := map[string]string{}, make([]bool, 1<<16)
	add := func(name string, text []byte) {
		for i := 0; i+fragment <= len(text); i++ {
			fragments[string(text[i:i+fragment])] = name
			begins[int(text[i])<<8|int(text[i+1])] = true
		}
	}
	for name, secret := range secrets {
		add(name, secret)
		for shift := range 3 { // base64 looks different at each of three places
			shifted := base64.StdEncoding.EncodeToString(append(make([]byte, shift), secret...))
			if len(shifted) > 8 {
				add(name+" in base64", []byte(shifted[4:len(shifted)-4]))
			}
		}
	}
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		read += int64(len(content))
		short, _ := filepath.Rel(folder, path)
		for i := 0; i+fragment <= len(content); i++ {
			if !begins[int(content[i])<<8|int(content[i+1])] {
				continue
			}
			if name, hit := fragments[string(content[i:i+fragment])]; hit {
				found = append(found, fmt.Sprintf("%s: %s at byte %d: %q", short, name, i, content[max(0, i-20):min(len(content), i+40)]))
				return err
			}
		}
		return err
	}))
	return found, read
}
