package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
)

// caller speaks to a hub as a program or a browser would.
type caller struct {
	url, key string
	client   *http.Client
}

func newCaller(url, key string) *caller {
	// Every call has a connection of its own: one that died with its process serves nobody.
	return &caller{url: url, key: key, client: &http.Client{
		Timeout:   90 * time.Second,
		Transport: &http.Transport{DisableKeepAlives: true},
	}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// code of a problem; "" when it is none.
func (a answer) code() string {
	var problem struct{ Code string }
	_ = json.Unmarshal(a.body, &problem) // anything but JSON is no problem of ours
	return problem.Code
}

func (a answer) err() error {
	if a.status < 300 {
		return nil
	}
	return fmt.Errorf("answered %d: %.300s", a.status, a.body)
}

// call makes one call. A body is sent as JSON; key is the Idempotency-Key, if any.
func (c *caller) call(method, path, key string, body any) (answer, error) {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(data)
	}
	return c.send(method, path, key, "application/json", content)
}

func (c *caller) send(method, path, key, contentType string, content io.Reader) (answer, error) {
	request, err := http.NewRequest(method, c.url+path, content)
	if err != nil {
		return answer{}, err
	}
	if content != nil {
		request.Header.Set("Content-Type", contentType)
	}
	request.Header.Set("Accept", "application/json")
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	reply, err := c.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	return answer{reply.StatusCode, reply.Header, data}, err
}

// insistence is how long a client goes on asking a hub that is killed and started
// again: an Idempotency-Key whose request died is free again after a minute.
const insistence = 4 * time.Minute

// insist calls until the hub answers: again when there is no answer, when the
// fault is the hub's, and when the first try of the same call may still run.
func (c *caller) insist(method, path, key string, body, reply any) error {
	got, err := c.insistRaw(method, path, key, body)
	if err == nil && reply != nil {
		err = json.Unmarshal(got.body, reply)
	}
	return err
}

func (c *caller) insistRaw(method, path, key string, body any) (answer, error) {
	end := time.Now().Add(insistence)
	for {
		got, err := c.call(method, path, key, body)
		if err == nil && !worthAnotherTry(got) {
			return got, wrap(got.err(), method, path)
		}
		if time.Now().After(end) {
			return got, fmt.Errorf("%s %s: no answer in %s: %v %w", method, path, insistence, got.err(), err)
		}
		time.Sleep(pause(got))
	}
}

func worthAnotherTry(a answer) bool {
	return a.status >= 500 || a.status == http.StatusTooManyRequests || a.code() == "idempotency_in_progress"
}

func pause(a answer) time.Duration {
	if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err == nil {
		return time.Duration(wait) * time.Second
	}
	return 500 * time.Millisecond
}

func wrap(err error, method, path string) error {
	if err != nil {
		err = fmt.Errorf("%s %s: %w", method, path, err)
	}
	return err
}

// get fetches a file, insisting.
func (c *caller) get(path string) ([]byte, error) {
	got, err := c.insistRaw(http.MethodGet, path, "", nil)
	return got.body, err
}

// upload hands in a PDF and returns the document's id.
func (c *caller) upload(name string, file []byte) (string, error) {
	return c.uploadTo("/v1/documents", name, file)
}

// uploadTo hands in a file and returns the id of what was made of it.
func (c *caller) uploadTo(path, name string, file []byte) (string, error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		return "", err
	}
	if _, err := part.Write(file); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	got, err := c.send(http.MethodPost, path, "", w.FormDataContentType(), &form)
	if err == nil {
		err = got.err()
	}
	if err != nil {
		return "", fmt.Errorf("upload %s: %w", name, err)
	}
	var made struct{ ID string }
	err = json.Unmarshal(got.body, &made)
	return made.ID, err
}
