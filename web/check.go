package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"chancery/papers"
	"chancery/problem"
)

// Anybody may have a document checked, so many times in any minute from one address.
const (
	checksAtMost = 10
	checksWithin = time.Minute
)

// formOverhead is what a form may hold around its file, in bytes.
const formOverhead = 64 << 10

// checking is the page on which a document is checked.
type checking struct {
	page
	Largest int64  // megabytes
	Trouble string // why there is no answer
	Found   *found
}

func (s *site) checkPage(w http.ResponseWriter, _ *http.Request) error {
	return s.views.show(w, http.StatusOK, "check", s.checking())
}

func (s *site) checking() checking {
	return checking{page: page{Title: "Check a signed document", Script: "check.ts"}, Largest: s.MaxUpload >> 20}
}

// check judges the file of the form. What cannot be judged leads back to the form,
// with the reason.
func (s *site) check(w http.ResponseWriter, r *http.Request) error {
	shown := s.checking()
	opinion, err := s.opinion(w, r)
	if err == nil {
		shown.Title = headingTo[opinion.Answer]
		shown.Test = opinion.Test
		answer := foundIn(opinion)
		shown.Found = &answer
		return s.views.show(w, http.StatusOK, "check", shown)
	}
	p := problem.Of(err)
	if p.Kind == problem.KindInternal {
		return err
	}
	shown.Trouble = p.Public
	return s.views.show(w, statuses[p.Kind], "check", shown)
}

var (
	errNothingChosen = problem.Invalid("file_missing", "Please choose a PDF first.")
	errTooManyChecks = problem.Limited("rate_limited", "That were many documents in a short time. Please wait a minute and try again.")
)

func (s *site) opinion(w http.ResponseWriter, r *http.Request) (papers.Opinion, error) {
	if !s.checks.take(s.address(r), s.Clock()) {
		w.Header().Set("Retry-After", fmt.Sprint(int(checksWithin.Seconds())))
		return papers.Opinion{}, errTooManyChecks
	}
	_, file, err := s.brought(w, r, s.MaxUpload)
	if err != nil {
		return papers.Opinion{}, err
	}
	return s.Checker.Check(r.Context(), file)
}

// brought reads the file of a form, of at most so many bytes, with its name.
func (s *site) brought(w http.ResponseWriter, r *http.Request, limit int64) (name string, file []byte, err error) {
	tooLarge := problem.TooLarge("document_too_large", fmt.Sprintf("The file is larger than %d MB.", limit>>20))
	if r.ContentLength > limit+formOverhead {
		return "", nil, tooLarge
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit+formOverhead)
	form, err := r.MultipartReader()
	if err != nil {
		return "", nil, errNothingChosen
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return "", nil, errNothingChosen
		}
		if err != nil {
			return "", nil, problem.Invalid("upload_broken", "The file did not arrive whole. Please try again.").Because(err)
		}
		if part.FormName() != "file" {
			continue
		}
		file, err := io.ReadAll(io.LimitReader(part, limit+1))
		var over *http.MaxBytesError
		switch {
		case int64(len(file)) > limit || errors.As(err, &over):
			return "", nil, tooLarge
		case err != nil:
			return "", nil, problem.Invalid("upload_broken", "The file did not arrive whole. Please try again.").Because(err)
		case len(file) == 0 && part.FileName() == "":
			return "", nil, errNothingChosen
		}
		return part.FileName(), file, nil
	}
}
