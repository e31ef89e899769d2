package papers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"chancery/pades"
	"chancery/papers"
	"chancery/problem"
)

// finished is a road to its end, with the document as it stood before and then.
func finished(t *testing.T) (r *road, early, final []byte) {
	t.Helper()
	r = newRoad(t, pades.LevelLTA, false)
	for _, step := range []func() error{r.certify, r.sign} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	early = r.current()
	if err := r.seal(); err != nil {
		t.Fatal(err)
	}
	return r, early, r.current()
}

func (r *road) current() []byte {
	r.t.Helper()
	file, err := r.Current(r.t.Context(), r.e, r.e.Documents[0].ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return file
}

func TestEveryFileGetsItsAnswer(t *testing.T) {
	r, early, final := finished(t)
	stranger := newRoad(t, pades.LevelLTA, false)
	for _, step := range []func() error{stranger.certify, stranger.sign, stranger.seal} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	flipped := bytes.Clone(final)
	flipped[20] ^= 1
	for name, tt := range map[string]struct {
		file   []byte
		answer papers.Answer
		whole  bool
	}{
		"the final document":                 {final, papers.ValidUnchanged, true},
		"the document before the seal":       {early, papers.ValidUnchanged, true},
		"the final document, a byte flipped": {flipped, papers.IsBroken, false},
		"one signed by another hub":          {stranger.current(), papers.NotOurs, false},
		"one that nobody signed":             {onePage(""), papers.NotSigned, false},
	} {
		got, err := r.Check(t.Context(), tt.file)
		if err != nil || got.Answer != tt.answer || got.Whole != tt.whole || got.Sentence == "" {
			t.Errorf("%s: %s (whole: %t) %q, %v", name, got.Answer, got.Whole, got.Sentence, err)
		}
	}
}

func TestAnEarlierRevisionIsNotCalledFinal(t *testing.T) {
	r, early, final := finished(t)
	for file, want := range map[string]bool{string(early): false, string(final): true} {
		got, err := r.Check(t.Context(), []byte(file))
		if err != nil || got.Issue == nil || got.Issue.Final != want {
			t.Errorf("%+v, %v", got.Issue, err)
		}
	}
}

func TestAnAuditTrailIsKnownAgain(t *testing.T) {
	r, _, _ := finished(t)
	r.e.Status = "completed"
	trail, err := r.AuditPDF(t.Context(), r.e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := r.Check(t.Context(), trail)
	if err != nil || got.Answer != papers.ValidUnchanged || !got.Issue.Trail {
		t.Errorf("%s %+v, %v", got.Answer, got.Issue, err)
	}
}

func TestWhatIsNoPDFIsRefusedWithItsReason(t *testing.T) {
	r := newRoad(t, pades.LevelB, true)
	for code, file := range map[string]string{"not_a_pdf": "just words", "pdf_empty": ""} {
		if _, err := r.Check(t.Context(), []byte(file)); !problem.Has(err, code) {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}

// Signed files of others, some of them attacked: an answer for each, and none is ours.
func TestFilesOfOthersAreNeverOurs(t *testing.T) {
	files, err := filepath.Glob("../../shared/corpus/signed/*.pdf")
	if err != nil || len(files) == 0 {
		t.Skipf("0 files of the corpus were checked: %v", err)
	}
	r := newRoad(t, pades.LevelB, true)
	answers := map[papers.Answer]int{}
	for i := 0; i < len(files); i += 10 {
		file, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Check(t.Context(), file)
		if err != nil {
			answers["refused"]++
			continue
		}
		answers[got.Answer]++
		if got.Answer == papers.ValidUnchanged || got.Answer == papers.ValidPermitted {
			t.Errorf("%s: %s", filepath.Base(files[i]), got.Answer)
		}
	}
	t.Logf("answers: %v", answers)
	if answers[papers.NotOurs] == 0 {
		t.Error("not one of them is intact")
	}
}
