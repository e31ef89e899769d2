package demo

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// document is what the API says of an upload.
type document struct {
	ID    string
	Pages []struct{ Width, Height float64 }
}

// place is a field to be, in the API's words.
type place struct {
	Recipient string  `json:"recipient"`
	Page      int     `json:"page"`
	Kind      string  `json:"kind"`
	X         float64 `json:"x"`
	Y         float64 `json:"y"`
	Width     float64 `json:"width"`
	Height    float64 `json:"height"`
	Label     string  `json:"label,omitempty"`
	Optional  bool    `json:"optional,omitempty"`
}

func (r *run) upload(ctx context.Context) error {
	name, file := "services-agreement.pdf", []byte(nil)
	var err error
	if r.PDF == "" {
		file, err = Agreement()
	} else {
		name = filepath.Base(r.PDF)
		file, err = os.ReadFile(r.PDF)
	}
	if err != nil {
		return err
	}
	var doc document
	if err := r.api.upload(ctx, "/v1/documents", name, file, &doc); err != nil {
		return err
	}
	if len(doc.Pages) == 0 {
		return fmt.Errorf("document %s has no pages", doc.ID)
	}
	r.summary.Document, r.summary.Pages = doc.ID, len(doc.Pages)
	r.last.page = len(doc.Pages)
	r.last.width, r.last.height = doc.Pages[len(doc.Pages)-1].Width, doc.Pages[len(doc.Pages)-1].Height
	return nil
}

// lastPage is where the signatures go when the file is not ours.
type lastPage struct {
	page          int
	width, height float64
}

// block returns the places of one signer, two side by side and two below each
// other, in shares of the page so that any size of page has them.
func (l lastPage) block(recipient string, left, above float64) []place {
	at := func(kind, label string, below, share float64, optional bool) place {
		width, height, top := max(l.width*0.36, 12), max(l.height*share, 8), above+below
		return place{
			Recipient: recipient, Page: l.page, Kind: kind, Label: label, Optional: optional,
			X: min(l.width*left, l.width-width), Y: min(l.height*top, l.height-height), Width: width, Height: height,
		}
	}
	return []place{
		at("signature", "Signature", 0, 0.085, false),
		at("date", "Date", 0.09, 0.025, false),
		at("text", "Place", 0.12, 0.025, true),
	}
}

// blocks are the places of all, and recipients are all in the API's words.
func (l lastPage) blocks() (all []place) {
	for i, p := range cast {
		all = append(all, l.block(p.ref, []float64{0.10, 0.54}[i%2], []float64{0.62, 0.79}[i/2])...)
	}
	return all
}

func recipients() (all []map[string]any) {
	for i, p := range cast {
		all = append(all, map[string]any{"ref": p.ref, "name": p.Name, "email": p.Email, "zone": p.Zone, "step": i + 1})
	}
	return all
}

func (r *run) send(ctx context.Context) error {
	body := map[string]any{
		"title":      "Services agreement",
		"message":    "Please read and sign. It is the version we agreed on.",
		"documents":  []string{r.summary.Document},
		"recipients": recipients(),
		"fields":     r.last.blocks(),
		"reminders":  map[string]any{"first_after": "72h", "every": "48h", "at_most": 3, "business_days": true},
		"send":       true,
	}
	var sent struct{ ID, Status string }
	if err := r.api.call(ctx, http.MethodPost, "/v1/envelopes", body, &sent); err != nil {
		return err
	}
	if r.summary.Envelope = sent.ID; sent.Status != "sent" {
		return fmt.Errorf("envelope %s is %s after sending", sent.ID, sent.Status)
	}
	return nil
}

// Upload sends a file to the hub and returns the document's id and its number of pages.
func Upload(ctx context.Context, hub, key string, file []byte) (string, int, error) {
	var doc document
	err := newCaller(hub, key).upload(ctx, "/v1/documents", "agreement.pdf", file, &doc)
	return doc.ID, len(doc.Pages), err
}
