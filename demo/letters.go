package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

// letter is one line of the outbox's list.
type letter struct {
	ID        string
	To        []string
	Subject   string
	MessageID string `json:"message_id"`
}

// letters of this envelope, oldest first.
func (r *run) letters(ctx context.Context) ([]letter, error) {
	data, err := fetch(ctx, r.Outbox+"/letters")
	if err != nil {
		return nil, fmt.Errorf("list the outbox: %w", err)
	}
	var all, ours []letter
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	for _, l := range all {
		if strings.Contains(l.MessageID, r.summary.Envelope) {
			ours = append(ours, l)
		}
	}
	return ours, nil
}

func (r *run) raw(ctx context.Context, l letter) ([]byte, error) {
	return fetch(ctx, r.Outbox+"/letters/"+url.PathEscape(l.ID)+".eml")
}

// invitation waits for the letter that asks the player, and returns its link.
func (r *run) invitation(ctx context.Context, p Player) (link string, err error) {
	err = r.until(ctx, "the letter to "+p.Email, func(ctx context.Context) (bool, error) {
		letters, err := r.letters(ctx)
		if err != nil {
			return false, err
		}
		for _, l := range letters {
			if strings.Contains(l.MessageID, "invitation") && strings.Contains(strings.Join(l.To, " "), p.Email) {
				link, err = r.linkIn(ctx, l)
				return err == nil, err
			}
		}
		return false, nil
	})
	return link, err
}

// linkIn finds the address of the signing page in the letter's plain text.
func (r *run) linkIn(ctx context.Context, l letter) (string, error) {
	raw, err := r.raw(ctx, l)
	if err != nil {
		return "", err
	}
	parsed, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("read letter %s: %w", l.ID, err)
	}
	for _, word := range strings.Fields(parsed.Text) {
		if strings.HasPrefix(word, r.Hub+"/s/") {
			return word, nil
		}
	}
	return "", errors.New("the letter has no link to the signing page")
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: 30 * time.Second}
	return answer(client.Do(request))
}
