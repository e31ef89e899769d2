package tsp

import (
	"context"
	"io"
	"net/http"
)

// The media types of RFC 3161, 3.4.
const (
	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
)

// maxQuery is the size of a request in bytes: a digest and a nonce need 150.
const maxQuery = 4 << 10

// ServeHTTP answers requests over HTTP (RFC 3161, 3.4). A refused request has
// status 200 and says in its body what was wrong, as the protocol wants.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Send a time-stamp request by POST.", http.StatusMethodNotAllowed)
		return
	}
	if r.Header.Get("Content-Type") != queryType {
		http.Error(w, "Send a request of type "+queryType+".", http.StatusUnsupportedMediaType)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQuery))
	if err != nil {
		http.Error(w, "The request is too large or was cut off.", http.StatusRequestEntityTooLarge)
		return
	}
	answer, err := a.answer(r.Context(), body)
	if err != nil {
		http.Error(w, "Something went wrong on our side. Please try again.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", replyType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(answer) // the caller is gone: nobody is left to tell
}

func (a *Authority) answer(ctx context.Context, body []byte) ([]byte, error) {
	q, err := ParseRequest(body)
	if err != nil {
		return rejected(refusalOf(err))
	}
	token, err := a.token(q)
	if err == nil {
		return granted(token)
	}
	refused := refusalOf(err)
	if refused.failure == SystemFailure {
		a.options.Log.ErrorContext(ctx, "make time-stamp", "error", err)
	}
	return rejected(refused)
}
