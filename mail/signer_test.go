package mail_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/go-cmp/cmp"

	"chancery/mail"
)

const domain = "hub.example"

var selectors = mail.Selectors{RSA: "r2026", Ed25519: "e2026"}

var keys = sync.OnceValue(func() mail.Keys {
	made, err := mail.NewKeys(rand.Reader)
	if err != nil {
		panic(err)
	}
	return made
})

func sign(t testing.TB, message []byte) []byte {
	t.Helper()
	signer, err := mail.NewSigner(domain, selectors, keys())
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(message)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// published answers like the DNS after our records were entered there.
func published(t testing.TB) map[string]string {
	t.Helper()
	records, err := mail.DNSRecords(mail.Zone{Domain: domain, Selectors: selectors, Keys: keys()})
	if err != nil {
		t.Fatal(err)
	}
	answers := make(map[string]string)
	for _, record := range records {
		answers[record.Name] = record.Text
	}
	return answers
}

// valid counts the signatures that hold.
func valid(t testing.TB, message []byte) int {
	t.Helper()
	answers := published(t)
	verdicts, err := dkim.VerifyWithOptions(bytes.NewReader(message), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if text, ok := answers[strings.TrimSuffix(name, ".")+"."]; ok {
				return []string{text}, nil
			}
			return nil, errors.New("no such name " + name)
		}})
	if err != nil {
		t.Fatal(err)
	}
	var held int
	for _, verdict := range verdicts {
		if verdict.Err == nil && verdict.Domain == domain {
			held++
		}
	}
	return held
}

func TestBothSignaturesHoldOnEveryKindOfLetter(t *testing.T) {
	for _, kind := range everyKind {
		if held := valid(t, sign(t, render(t, letter(kind)))); held != 2 {
			t.Errorf("%s: %d of 2 signatures hold", kind, held)
		}
	}
}

func TestWhatIsPutInOnTheWayBreaksBothSignatures(t *testing.T) {
	message := string(sign(t, render(t, letter(mail.Invitation))))
	for name, changed := range map[string]string{
		"a second From in front":    "From: boss@bank.example\r\n" + message,
		"a second From at the end":  strings.Replace(message, "\r\n\r\n", "\r\nFrom: boss@bank.example\r\n\r\n", 1),
		"a second Subject":          "Subject: Pay now\r\n" + message,
		"a Cc there never was":      "Cc: all@example.com\r\n" + message,
		"another answer address":    "Reply-To: thief@example.com\r\n" + message,
		"a second Content-Type":     "Content-Type: text/html\r\n" + message,
		"another link":              strings.Replace(message, "hub.example/s/", "hub.invalid/s/", 1),
		"something after the end":   message + "Pay now.\r\n",
		"another Auto-Submitted":    "Auto-Submitted: no\r\n" + message,
		"an encoding in the header": "Content-Transfer-Encoding: base64\r\n" + message,
	} {
		if changed == message {
			t.Fatalf("%s: nothing was changed", name)
		}
		if held := valid(t, []byte(changed)); held != 0 {
			t.Errorf("%s: %d signatures still hold", name, held)
		}
	}
	if held := valid(t, []byte("Received: from relay\r\n"+message)); held != 2 {
		t.Errorf("a trace header, which every server adds, leaves %d", held)
	}
}

func TestNoSignatureLimitsTheBodyAndEveryHeaderIsNamedTwice(t *testing.T) {
	signed := sign(t, render(t, letter(mail.Invitation)))
	head := strings.ReplaceAll(string(signed[:bytes.Index(signed, []byte("\r\nAuto-Submitted"))]), "\r\n ", " ")
	fields := regexp.MustCompile(`(?m)^DKIM-Signature: .*$`).FindAllString(head, -1)
	if len(fields) != 2 {
		t.Fatalf("%d signatures in %s", len(fields), head)
	}
	for _, field := range fields {
		squeezed := strings.ReplaceAll(field, " ", "")
		if strings.Contains(squeezed, ";l=") || !strings.Contains(squeezed, "c=relaxed/relaxed") {
			t.Error(field)
		}
		names := strings.Split(regexp.MustCompile(`;h=([^;]*);`).FindStringSubmatch(squeezed)[1], ":")
		for _, name := range names {
			if strings.Count(":"+strings.Join(names, "::")+":", ":"+name+":") != 2 {
				t.Errorf("%s is not named twice in %v", name, names)
			}
		}
	}
}

func TestAMessageWithTwoOfAHeaderIsNotSigned(t *testing.T) {
	signer, err := mail.NewSigner(domain, selectors, keys())
	if err != nil {
		t.Fatal(err)
	}
	for name, message := range map[string]string{
		"two From":    "From: a@b.example\r\nfrom: c@d.example\r\n\r\nHello\r\n",
		"two Subject": "From: a@b.example\r\nSubject: a\r\nSubject: b\r\n\r\nHello\r\n",
		"no headers":  "Hello",
	} {
		if _, err := signer.Sign([]byte(message)); err == nil {
			t.Errorf("%s was signed", name)
		}
	}
}

// TestPythonAgrees asks an implementation that shares no code with ours.
func TestPythonAgrees(t *testing.T) {
	if exec.Command("/usr/bin/python3", "-c", "import dkim, nacl").Run() != nil {
		t.Skip("python3-dkim and python3-nacl are not installed")
	}
	answers, err := json.Marshal(published(t))
	if err != nil {
		t.Fatal(err)
	}
	verify := func(message []byte) string {
		file := filepath.Join(t.TempDir(), "letter.eml")
		if err := os.WriteFile(file, message, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("/usr/bin/python3", "testdata/verify.py", file, string(answers)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	signed := sign(t, render(t, letter(mail.Invitation)))
	if got := verify(signed); got != "True True" {
		t.Errorf("our letter: %s", got)
	}
	if got := verify(append([]byte("From: boss@bank.example\r\n"), signed...)); got != "False False" {
		t.Errorf("with a second From: %s", got)
	}
}

func TestKeysSurviveTheirWrittenForm(t *testing.T) {
	text, err := keys().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := mail.ParseKeys(text)
	if err != nil || !read.RSA.Equal(keys().RSA) || !read.Ed25519.Equal(keys().Ed25519) {
		t.Fatal("the keys changed", err)
	}
	small, err := x509.MarshalPKCS8PrivateKey(weakKey(t))
	if err != nil {
		t.Fatal(err)
	}
	half := bytes.Index(text[1:], []byte("-----BEGIN")) + 1
	for name, bad := range map[string][]byte{
		"nothing":         nil,
		"one key only":    text[half:],
		"a key too many":  append(append([]byte{}, text...), text[half:]...),
		"a weak RSA key":  append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: small}), text[half:]...),
		"something after": append(append([]byte{}, text...), "x"...),
		"broken DER":      pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}),
		"a public key":    pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte("x")}),
	} {
		if _, err := mail.ParseKeys(bad); err == nil {
			t.Errorf("accepted %s", name)
		}
	}
}

func weakKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestZoneFileLinesHaveStringsOfAtMost255Bytes(t *testing.T) {
	records, err := mail.DNSRecords(mail.Zone{Domain: domain, Selectors: selectors, Keys: keys(), Relay: "smtp.hub.example"})
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile(`"([^"]*)"`)
	for _, record := range records {
		var joined string
		for _, part := range quoted.FindAllStringSubmatch(record.String(), -1) {
			if len(part[1]) > 255 {
				t.Errorf("a string of %d bytes in %s", len(part[1]), record)
			}
			joined += part[1]
		}
		if joined != record.Text || !strings.HasPrefix(record.String(), record.Name+" 3600 IN TXT \"") {
			t.Errorf("%s is not %s", record, record.Text)
		}
	}
	if len(records) != 4 || records[2].Text != "v=spf1 a:smtp.hub.example ~all" {
		t.Errorf("%v", records)
	}
}

func TestTheDNSSaysWhereLettersComeBack(t *testing.T) {
	zone := mail.Zone{Domain: domain, Selectors: selectors, Keys: keys(), Relay: "smtp.hub.example"}
	for name, tt := range map[string]struct {
		returns mail.Returns
		want    []string
	}{
		"to the domain itself": {mail.Returns{Domain: domain, Host: "sign.hub.example", Complaints: "return@" + domain},
			[]string{domain + ". 3600 IN MX 10 sign.hub.example."}},
		"to one below it": {mail.Returns{Domain: "back." + domain, Host: "sign.hub.example"},
			[]string{"back." + domain + ". 3600 IN MX 10 sign.hub.example.", "back." + domain + `. 3600 IN TXT "v=spf1 a:smtp.hub.example ~all"`}},
	} {
		t.Run(name, func(t *testing.T) {
			zone.Returns = tt.returns
			records, err := mail.DNSRecords(zone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range records[4:] {
				got = append(got, r.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func BenchmarkRenderAndSign(b *testing.B) {
	s, l := stationery(b), letter(mail.Invitation)
	signer, err := mail.NewSigner(domain, selectors, keys())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		message, err := s.Render(l)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := signer.Sign(message); err != nil {
			b.Fatal(err)
		}
	}
}
