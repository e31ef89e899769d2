package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"chancery/id"
)

var actID = regexp.MustCompile(`act_[0-9a-z]{26}`)

// sign opens the link in the player's letter, fills what the page asks of them
// and signs, with the requests that the page itself makes.
func (r *run) sign(ctx context.Context, p Player) error {
	link, err := r.invitation(ctx, p)
	if err != nil {
		return err
	}
	page, err := fetch(ctx, link)
	if err != nil {
		return fmt.Errorf("open the signing page: %w", err)
	}
	if !bytes.Contains(page, []byte("API Test")) {
		return errors.New("the page of a sandbox team has no test banner")
	}
	act := actID.Find(page)
	if act == nil {
		return errors.New("the page offers nothing to sign")
	}
	values, err := r.values(ctx, page, p.Place)
	if err != nil {
		return err
	}
	body := Signature()
	body["id"], body["values"] = string(act), values
	if p.hand != "" {
		body["ink"] = map[string]any{"typed": p.Name, "face": p.hand}
	}
	return post(ctx, link+"/acts", body)
}

// values fills the fields that the page shows; it shows a person their own only.
func (r *run) values(ctx context.Context, page []byte, place string) (map[string]string, error) {
	var e struct {
		Fields []struct{ ID, Kind string }
	}
	if err := r.api.call(ctx, http.MethodGet, "/v1/envelopes/"+r.summary.Envelope, nil, &e); err != nil {
		return nil, err
	}
	values := map[string]string{}
	for _, f := range e.Fields {
		if !bytes.Contains(page, []byte(f.ID)) {
			continue
		}
		switch f.Kind {
		case "date":
			values[f.ID] = time.Now().UTC().Format(time.DateOnly)
		case "text":
			values[f.ID] = place
		case "checkbox":
			values[f.ID] = "yes"
		}
	}
	return values, nil
}

// scribble is a drawn signature, in the page's unit box.
func scribble() [][]map[string]float64 {
	line := func(points ...[2]float64) (stroke []map[string]float64) {
		for _, p := range points {
			stroke = append(stroke, map[string]float64{"x": p[0], "y": p[1]})
		}
		return stroke
	}
	return [][]map[string]float64{
		line([2]float64{.05, .7}, [2]float64{.13, .2}, [2]float64{.22, .75}, [2]float64{.3, .45}, [2]float64{.38, .7}, [2]float64{.46, .42}, [2]float64{.55, .68}),
		line([2]float64{.08, .55}, [2]float64{.2, .52}),
		line([2]float64{.6, .65}, [2]float64{.72, .35}, [2]float64{.8, .62}, [2]float64{.95, .5}),
	}
}

func post(ctx context.Context, address string, body any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	client := http.Client{Timeout: time.Minute}
	_, err = answer(client.Do(request))
	return err
}

// Signature is the body of one act of signing, with an id of its own.
func Signature() map[string]any {
	return map[string]any{
		"id":      id.New(id.Act),
		"kind":    "sign",
		"ink":     map[string]any{"strokes": scribble(), "aspect": 3},
		"consent": true,
	}
}
