package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"chancery/envelope"
	"chancery/pades"
	"chancery/papers"
	"chancery/problem"
)

var proven = noon.Add(time.Second)

// judged is what the hub says of a finished document of two people.
func judged(answer papers.Answer) papers.Opinion {
	return papers.Opinion{
		Answer: answer, Sentence: "What it means, in a sentence.", Test: true,
		Issue: &envelope.Issue{Revision: 4, At: noon, Final: true, Test: true}, Whole: true,
		Report: pades.Report{
			Verdict: pades.Unchanged, Level: pades.LevelLTA, SHA256: strings.Repeat("ab", 32),
			Signatures: []pades.SignatureReport{
				{Role: pades.Certification, Name: "Example Ltd Certification", Field: "chancery_certification", SignedAt: noon, ProvenAt: &proven, ProvenBy: "Example Ltd Time-stamping", Level: pades.LevelLTA, Trust: pades.Trusted, Path: []string{"Example Ltd Certification", "Example Ltd Root CA"}, Revocation: "No certificate of the path was revoked (OCSP response of 2026-03-02 12:00:00)."},
				{Role: pades.Approval, Name: "Zoë Žižková", Email: "zoe@example.com", Field: "f1_fld_a", SignedAt: noon, Level: pades.LevelB, LevelReason: "No timestamp proves when it was made.", Trust: pades.TrustUnknown, Findings: []pades.Finding{{Code: "digest", Sentence: "The signed part of the file was changed after it was signed."}}},
			},
			Revisions: []pades.Revision{
				{Number: 1, End: 100}, {Number: 2, End: 200, Signature: "chancery_certification"},
				{Number: 3, End: 300, Signature: "f1_fld_a", Changes: []pades.Change{
					{Kind: "signature", Field: "f1_fld_a", Allowed: true, Sentence: `The field "f1_fld_a" was signed.`},
					{Kind: "field", Field: "f2_fld_b", Allowed: true, Sentence: `The field "f2_fld_b" was filled in.`},
					{Kind: "field", Field: "f3_fld_c", Allowed: true, Sentence: `The field "f3_fld_c" was filled in.`},
				}},
				{Number: 4, End: 400, Changes: []pades.Change{
					{Kind: "page", Page: 2, Sentence: "Page 2 shows other content than before."},
					{Kind: "field", Field: "f2_fld_b", Sentence: `The field "f2_fld_b" was changed, although the signature in "f1_fld_a" locks it.`},
				}},
			},
		},
	}
}

// bring posts a file to the page.
func (s *scene) bring(file []byte) (*http.Response, string) {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "lease.pdf")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = form.Close()
	return s.ask(http.MethodPost, s.server.URL+"/verify", form.FormDataContentType(), body.String())
}

func TestEveryAnswerIsSaidInWords(t *testing.T) {
	for answer, heading := range map[papers.Answer]string{
		papers.ValidUnchanged: "Valid and unchanged", papers.ValidPermitted: "Valid, with permitted changes",
		papers.HasChanged: "Changed after it was signed", papers.IsBroken: "Not to be relied on",
		papers.NotSigned: "Not signed", papers.NotOurs: "Intact, but not issued here",
	} {
		s := newScene(t)
		s.opinion = func([]byte) (papers.Opinion, error) { return judged(answer), nil }
		reply, page := s.bring([]byte("%PDF"))
		if reply.StatusCode != http.StatusOK || !strings.Contains(page, heading+"</h1>") {
			t.Errorf("%s: %d without %q", answer, reply.StatusCode, heading)
		}
		for _, want := range []string{
			"What it means, in a sentence.", "API Test", "Certified by Example Ltd Certification", "Signed by Zoë Žižková", "zoe@example.com",
			"The signed part of the file was changed after it was signed.", "2 fields were filled in.", "Not permitted: Page 2 shows other content than before.",
			"Not permitted: A field was changed, although the signature of Zoë Žižková locks it.", "No timestamp proves when it was made.",
			"The certificate leads to the authority for tests, which binds nobody.",
			"Issued here on 2 March 2026, 12:00 UTC.", "B-LTA: provable for many years",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page does not say %q", answer, want)
			}
		}
		if strings.Contains(page, "fld_") {
			t.Errorf("%s: the page tells names that only machines know", answer)
		}
	}
}

func TestWhatCannotBeCheckedLeadsBackToTheFormWithItsReason(t *testing.T) {
	s := newScene(t)
	s.opinion = func([]byte) (papers.Opinion, error) {
		return papers.Opinion{}, problem.Invalid("pdf_encrypted", "This PDF is encrypted; its signatures cannot be checked.")
	}
	for _, tt := range []struct {
		file   []byte
		status int
		says   string
	}{
		{[]byte("%PDF"), 422, "This PDF is encrypted; its signatures cannot be checked."},
		{bytes.Repeat([]byte("x"), 1<<20+1), 413, "The file is larger than 1 MB."},
		{bytes.Repeat([]byte("x"), 2<<20), 413, "The file is larger than 1 MB."},
	} {
		reply, page := s.bring(tt.file)
		if reply.StatusCode != tt.status || !strings.Contains(page, tt.says) || !strings.Contains(page, `type="file"`) {
			t.Errorf("%d bytes: %d, want %d and %q", len(tt.file), reply.StatusCode, tt.status, tt.says)
		}
	}
	if reply, page := s.ask(http.MethodPost, s.server.URL+"/verify", "application/x-www-form-urlencoded", "file="); reply.StatusCode != 422 || !strings.Contains(page, "Please choose a PDF first.") {
		t.Errorf("without a file: %d", reply.StatusCode)
	}
}

func TestNobodyChecksWithoutEnd(t *testing.T) {
	s := newScene(t)
	asked := 0
	s.opinion = func([]byte) (papers.Opinion, error) { asked++; return judged(papers.NotSigned), nil }
	for range 12 {
		s.bring([]byte("%PDF"))
	}
	reply, page := s.bring([]byte("%PDF"))
	if reply.StatusCode != 429 || reply.Header.Get("Retry-After") != "60" || !strings.Contains(page, "Please wait a minute") || asked != 10 {
		t.Errorf("%d after %d answers", reply.StatusCode, asked)
	}
	s.now = s.now.Add(time.Minute)
	if reply, _ := s.bring([]byte("%PDF")); reply.StatusCode != 200 {
		t.Errorf("a minute later: %d", reply.StatusCode)
	}
}

func TestADocumentIsCheckedInABrowser(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lease.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, size := range map[string]chromedp.Action[chromedp.Void]{"wide": desktop(), "phone": phone()} {
		s := newScene(t)
		s.opinion = func(got []byte) (papers.Opinion, error) {
			if string(got) != "%PDF-1.7" {
				t.Errorf("the page sent %q", got)
			}
			return judged(papers.ValidUnchanged), nil
		}
		b := browser(t, size)
		b.open(s.server.URL + "/verify")
		b.shoot("verify-" + name)
		b.do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}), chromedp.Click(chromedp.CSS("form .primary")))
		b.until(`document.querySelector(".verdict.good")`)
		b.shoot("verified-" + name)
		if wide := ask[bool](b, `document.documentElement.scrollWidth > innerWidth + 1`); wide {
			t.Errorf("%s: the page is wider than the screen", name)
		}
		if title := ask[string](b, `document.title`); title != "Valid and unchanged · Chancery" {
			t.Errorf("%s: the title is %q", name, title)
		}
	}
}
