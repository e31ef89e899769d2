package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/demo"
	"chancery/pades/paper"
)

// customer is an organisation whose words occur nowhere else in the world.
type customer struct {
	region       string
	organisation string
	head         player
	signers      [2]player
	corrected    player // whom the first signer's address is corrected to
	title        string
	message      string
	value        string // of a text field
	file, text   string
	reason       string // of a decline
}

var customers = [2]customer{
	{
		region: "eu", organisation: "Quagmorvelt Hüttenwerke", head: player{"Žofie Brundlekamp", "zofie@brundlekamp.example"},
		signers:   [2]player{{"Ottilvarne Skrimbeck", "ottilvarne@skrimbeck.example"}, {"Pelhinrod Varkusch", "pelhinrod@varkusch.example"}},
		corrected: player{"Ottilvarne Skrimbeck", "skrimbeckova@nebeltrog.example"},
		title:     "Kesselflickering Mandragonze", message: "Drumbelschatz überreicht Wolkenstinte", value: "Fennegrubel an der Schwirtze",
		file: "tintenkrabbler-entwurf.pdf", text: "Halmendrescher vereinbaren Zwiebelfrost", reason: "Grotzenmichel widerspricht",
	},
	{
		region: "us", organisation: "Blatherskite Orchards", head: player{"Wilhanna Thrumbolt", "wilhanna@thrumbolt.example"},
		signers:   [2]player{{"Cadwigger Plonsdale", "cadwigger@plonsdale.example"}, {"Mirabunce Óflaithery", "mirabunce@oflaithery.example"}},
		corrected: player{"Cadwigger Plonsdale", "plonsdalejr@hucklewick.example"},
		title:     "Snickersnee Purchaswick", message: "Whifflebrook conveys dandlemuff", value: "Gorseboggle near Twaddleford",
		file: "humblecrum-draught.pdf", text: "Larkspittle covenants featherquince", reason: "Bramblewosh objects",
	},
}

// settlement is a deployment: a foundation of its own, an API and a worker.
type settlement struct {
	customer
	url       string
	house     household
	processes map[string]*process
	mails     string // folder with every letter, as its reader gets it
	token     string // of a signing link
	key       string // of the customer's team
	digest    [32]byte
}

func TestNothingOfAnOrganisationLiesInAnotherRegion(t *testing.T) {
	addresses := [2]string{freeAddress(t), freeAddress(t)}
	regions := fmt.Sprintf("CHANCERY_REGIONS=%s=http://%s,%s=http://%s", customers[0].region, addresses[0], customers[1].region, addresses[1])
	var sites [2]*settlement
	for i, address := range addresses {
		sites[i] = openSite(t, customers[i], address, regions)
	}
	for _, s := range sites {
		s.signUp(t)
		s.work(t)
		s.keepMails(t)
	}
	t.Run("what reaches the wrong one is sent to the right one", func(t *testing.T) {
		sites[0].sends(t, sites[1])
		sites[1].sends(t, sites[0])
	})
	for _, s := range sites {
		s.leave(t)
	}
	for i, s := range sites {
		other := sites[1-i]
		t.Run("the words of "+s.region+" are nowhere in "+other.region, func(t *testing.T) { s.absentFrom(t, other) })
		t.Run("the same search finds them in "+s.region, s.present)
	}
}

func openSite(t *testing.T, c customer, address, regions string) *settlement {
	t.Helper()
	own := ownFoundation(t)
	s := &settlement{customer: c, url: "http://" + address, mails: t.TempDir()}
	var err error
	s.house, err = settle(own)
	must(t, err)
	s.house.more = []string{"CHANCERY_PUBLIC_URL=" + s.url, "CHANCERY_REGION=" + c.region, regions, "CHANCERY_BOUNCE_LISTEN=" + freeAddress(t)}
	api, err := s.house.serve(address)
	must(t, err)
	worker, err := s.house.work(freeAddress(t))
	must(t, err)
	s.processes = map[string]*process{"api": api.attend(t, "API of "+c.region), "worker": worker.attend(t, "worker of "+c.region), "foundation": own.process}
	return s
}

var provingPath = regexp.MustCompile(`/prove/[A-Za-z0-9_.-]+`)

// signUp makes the customer's organisation through the pages, from the choice of the
// region to the link in the letter.
func (s *settlement) signUp(t *testing.T) {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	person := &http.Client{Jar: jar, Timeout: time.Minute}
	s.post(t, person, "/sign-up?region="+s.region, url.Values{
		"name": {s.head.name}, "organisation": {s.organisation}, "email": {s.head.email}, "password": {"Wintergreen77oak"},
	})
	var path string
	eventually(t, afterReturn, "the letter that proves the address", func() error {
		letters, err := s.letters()
		for _, raw := range letters {
			if found := provingPath.FindString(raw); found != "" && strings.Contains(raw, s.head.email) {
				path = found
			}
		}
		if path == "" {
			return fmt.Errorf("none of %d letters has it: %w", len(letters), err)
		}
		return nil
	})
	if page := s.post(t, person, path, url.Values{}); !strings.Contains(page, s.head.email) {
		t.Fatalf("after the sign-up there is %s", page)
	}
}

func (s *settlement) post(t *testing.T, person *http.Client, path string, form url.Values) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", s.url)
	reply, err := person.Do(request)
	must(t, err)
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	must(t, err)
	if reply.StatusCode != http.StatusOK {
		t.Fatalf("%s is answered %s: %s", path, reply.Status, body)
	}
	return string(body)
}

// letters are all in the outbox, lines joined as their readers see them.
func (s *settlement) letters() (texts []string, err error) {
	box := openOutbox(s.house.ground.Outbox)
	all, err := box.listed()
	for _, l := range all {
		raw, err := box.page.get("/letters/" + l.ID + ".eml")
		if err != nil {
			return texts, err
		}
		texts = append(texts, strings.ReplaceAll(string(raw), "=\r\n", ""))
	}
	return texts, err
}

var firstTeam = regexp.MustCompile(`(tm_\S+)\s+sandbox\s+API Development`)

// work sends what the customer has to send: one envelope to its end, with an address
// that was wrong at first, and one that is declined.
func (s *settlement) work(t *testing.T) {
	t.Helper()
	team := firstTeam.FindStringSubmatch(s.house.command(t, "team", "list"))
	if team == nil {
		t.Fatal("the new organisation has no team")
	}
	s.house.command(t, append([]string{"team", "preset", team[1]}, s.signers[0].email, s.signers[1].email, s.corrected.email, s.head.email)...)
	s.key = strings.TrimSpace(s.house.command(t, "key", "create", team[1]))
	api := newCaller(s.url, s.key)
	heard := subscribe(t, api)
	d := paper.New(s.title, time.Now())
	d.Title(s.title)
	d.Paragraph(s.text)
	file := d.Bytes()
	s.digest = sha256.Sum256(file)
	document, err := api.upload(s.file, file)
	must(t, err)
	tell := func(name string) *story {
		return &story{name: name, api: api, letters: openOutbox(s.house.ground.Outbox), document: document,
			title: s.title, message: s.message, signers: s.signers, values: map[string]string{"Place": s.value}}
	}
	declined := tell("declined")
	must(t, declined.send())
	answer := map[string]any{"id": demo.Signature()["id"], "kind": "decline", "reason": s.reason}
	must(t, newCaller(s.url, "").insist(http.MethodPost, linkOf(t, declined, 0)+"/acts", "", answer, nil))

	whole := tell("whole")
	must(t, whole.send())
	must(t, api.insist(http.MethodPatch, "/v1/envelopes/"+whole.id+"/recipients/"+whole.who[0], "", map[string]string{"email": s.corrected.email}, nil))
	link, err := whole.given(0)
	must(t, err)
	s.token = link
	must(t, whole.signAt(0, link))
	must(t, whole.sign(1))
	must(t, whole.completed())
	for _, path := range []string{"/v1/envelopes", "/v1/events", "/v1/envelopes/" + whole.id + "/audit-trail", "/v1/envelopes/" + whole.id + "/documents/" + document + "/final"} {
		_, err := api.get(path)
		must(t, err)
	}
	if _, _, faults := heard.tally(); len(faults) > 0 {
		t.Error(faults)
	}
}

// lettersOfAll is how many a customer's doings lead to: one proves the address; the
// declined envelope has three, the other three invitations and three at its end.
const lettersOfAll = 1 + 3 + 3 + 3

// keepMails lays every letter into a folder, as its reader gets it.
func (s *settlement) keepMails(t *testing.T) {
	t.Helper()
	var letters []string
	eventually(t, afterReturn, "every letter is there", func() (err error) {
		if letters, err = s.letters(); len(letters) < lettersOfAll {
			return fmt.Errorf("there are %d: %v", len(letters), err)
		}
		return nil
	})
	for i, raw := range letters {
		must(t, os.WriteFile(filepath.Join(s.mails, fmt.Sprintf("%d.eml", i)), []byte(raw), 0o600))
	}
}

// sends checks that what belongs to the other is sent there. What came along with it
// is looked for afterwards, like everything else.
func (s *settlement) sends(t *testing.T, other *settlement) {
	got, err := newCaller(s.url, other.key).call(http.MethodGet, "/v1/envelopes", "", nil)
	if err != nil || got.status != http.StatusMisdirectedRequest || got.code() != "region_elsewhere" || !strings.Contains(string(got.body), `"location":"`+other.url+`"`) {
		t.Errorf("a key of %s is answered %d %s by %s: %v", other.region, got.status, got.body, s.region, err)
	}
	if _, err := newCaller(s.url, other.key).upload(other.file, []byte("%PDF-1.7 "+other.text)); err == nil || !strings.Contains(err.Error(), "region_elsewhere") {
		t.Errorf("a document of %s is answered %v by %s", other.region, err, s.region)
	}
	meant := map[string]any{"title": other.title, "message": other.message, "recipients": []map[string]any{{"name": other.signers[0].name, "email": other.signers[0].email}}}
	if got, err := newCaller(s.url, other.key).call(http.MethodPost, "/v1/envelopes", "misdirected", meant); err != nil || got.code() != "region_elsewhere" {
		t.Errorf("an envelope of %s is answered %d %s by %s", other.region, got.status, got.body, s.region)
	}
	if got, err = newCaller(s.url, "").call(http.MethodGet, other.token, "", nil); err != nil || got.status != http.StatusMisdirectedRequest || !strings.Contains(string(got.body), other.url+other.token) {
		t.Errorf("a link of %s is answered %d %s by %s", other.region, got.status, got.body, s.region)
	}
	if got, err = newCaller(s.url, "").call(http.MethodGet, "/sign-up", "", nil); err != nil || !strings.Contains(string(got.body), `href="`+other.url+`/sign-up?region=`+other.region+`"`) {
		t.Errorf("the sign-up page of %s does not lead to %s: %s", s.region, other.region, got.body)
	}
}

// leave ends all processes and writes what they have said into the data directory.
func (s *settlement) leave(t *testing.T) {
	t.Helper()
	for _, name := range []string{"worker", "api", "foundation"} {
		p := s.processes[name]
		if code := p.stop(); code != 0 {
			t.Errorf("%s of %s exits with %d: %s", name, s.region, code, lastLines(p.said.String(), 10))
		}
		must(t, os.WriteFile(filepath.Join(s.house.ground.folder, name+".log"), []byte(p.said.String()), 0o600))
	}
}

// words are everything by which the organisation could be recognised.
func (s *settlement) words() map[string][]byte {
	words := map[string][]byte{"digest of the file": s.digest[:], "digest of the file in digits": []byte(hex.EncodeToString(s.digest[:]))}
	_, secret, _ := strings.Cut(s.key[len("ck_test_"):], "_")
	words["API key"], words["link"] = []byte(secret), []byte(strings.TrimPrefix(s.token, "/s/"))
	for _, text := range []string{
		s.organisation, s.head.name, s.head.email, s.signers[0].name, s.signers[0].email, s.signers[1].name, s.signers[1].email,
		s.corrected.name, s.corrected.email, s.title, s.message, s.value, s.file, s.text, s.reason,
	} {
		for _, word := range apart(text) {
			words[word] = []byte(word)
		}
	}
	return words
}

// apart are the words of a text that are worth looking for.
func apart(text string) (words []string) {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" @.-", r) }) {
		if len(word) >= shortestWord {
			words = append(words, word)
		}
	}
	return words
}

// shortestWord in bytes: shorter ones occur by chance in a hundred megabytes.
const shortestWord = 8

func (s *settlement) absentFrom(t *testing.T, other *settlement) {
	n := newNeedles(s.words())
	for _, folder := range []string{other.house.ground.folder, other.mails} {
		found, read := n.search(t, folder)
		for _, hit := range found {
			t.Error(hit)
		}
		t.Logf("searched %d MB of %s for %d spellings of %d words of %s", read>>20, other.region, n.count, len(s.words()), s.region)
	}
}

// present shows that the search can find what it looks for: in the letters, and in
// every spelling that is laid where it looks.
func (s *settlement) present(t *testing.T) {
	found, _ := newNeedles(s.words()).search(t, s.mails)
	seen := strings.Join(found, "\n")
	for _, word := range slices.Concat(apart(s.title), apart(s.message), apart(s.signers[0].email), apart(s.corrected.email), apart(s.reason), apart(s.head.email)) {
		if !strings.Contains(seen, word) {
			t.Errorf("the search does not find %s in the letters", word)
		}
	}
	for name, spelt := range spellings([]byte(s.title)) {
		folder := t.TempDir()
		must(t, os.WriteFile(filepath.Join(folder, "planted"), []byte(strings.Repeat("x", 4095)+string(spelt)+"y"), 0o600))
		if found, _ := newNeedles(map[string][]byte{"title": []byte(s.title)}).search(t, folder); len(found) == 0 {
			t.Errorf("the search does not find the title %s", name)
		}
	}
}
