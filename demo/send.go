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

// column returns the places of one signer, side by side with the other's, in
// shares of the page so that any size of page has them.
func (l lastPage) column(recipient string, left float64) []place {
	at := func(kind, label string, top, share float64, optional bool) place {
		width, height := max(l.width*0.36, 12), max(l.height*share, 8)
		return place{
			Recipient: recipient, Page: l.page, Kind: kind, Label: label, Optional: optional,
			X: min(l.width*left, l.width-width), Y: min(l.height*top, l.height-height), Width: width, Height: height,
		}
	}
	return []place{
		at("signature", "Signature", 0.76, 0.08, false),
		at("date", "Date", 0.85, 0.03, false),
		at("text", "Place", 0.89, 0.03, true),
	}
}

func (r *run) send(ctx context.Context) error {
	body := map[string]any{
		"title":     "Services agreement",
		"message":   "Please read and sign. It is the version we agreed on.",
		"documents": []string{r.summary.Document},
		"recipients": []map[string]any{
			{"ref": "ann", "name": Ann.Name, "email": Ann.Email, "step": 1, "zone": "Europe/London"},
			{"ref": "bob", "name": Bob.Name, "email": Bob.Email, "step": 2, "zone": "Europe/Prague"},
			{"ref": "cleo", "name": Cleo.Name, "email": Cleo.Email, "role": "cc", "step": 2},
		},
		"fields":    append(r.last.column("ann", 0.10), r.last.column("bob", 0.54)...),
		"reminders": map[string]any{"first_after": "72h", "every": "48h", "at_most": 3, "business_days": true},
		"send":      true,
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
