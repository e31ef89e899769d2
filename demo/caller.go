package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// caller speaks to the API as a program would.
type caller struct {
	hub, key string
	client   *http.Client
}

func newCaller(hub, key string) *caller {
	return &caller{hub: hub, key: key, client: &http.Client{Timeout: time.Minute}}
}

// call sends body as JSON and reads the answer into reply; both may be nil.
func (c *caller) call(ctx context.Context, method, path string, body, reply any) error {
	var content io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(data)
	}
	data, err := c.do(ctx, method, path, "application/json", content)
	if err != nil || reply == nil {
		return err
	}
	return json.Unmarshal(data, reply)
}

func (c *caller) get(ctx context.Context, path string) ([]byte, error) {
	return c.do(ctx, http.MethodGet, path, "", nil)
}

// upload sends a file as a form does.
func (c *caller) upload(ctx context.Context, path, name string, file []byte, reply any) error {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		return err
	}
	if _, err := part.Write(file); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	data, err := c.do(ctx, http.MethodPost, path, w.FormDataContentType(), &form)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, reply)
}

func (c *caller) do(ctx context.Context, method, path, contentType string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.hub+path, body)
	if err != nil {
		return nil, err
	}
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	return answer(c.client.Do(request))
}

// answer reads a reply; what the hub says about a refusal becomes the error.
func answer(reply *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	data, err := io.ReadAll(reply.Body)
	if err != nil {
		return nil, err
	}
	if reply.StatusCode < 300 {
		return data, nil
	}
	var refused struct{ Code, Detail string }
	if json.Unmarshal(data, &refused) == nil && refused.Code != "" {
		return nil, fmt.Errorf("%s (%s)", refused.Detail, refused.Code)
	}
	return nil, fmt.Errorf("%s %s answered %s", reply.Request.Method, reply.Request.URL.Path, reply.Status)
}
