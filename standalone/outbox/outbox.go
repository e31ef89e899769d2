// Package outbox is where letters go when no mail server is set up: it takes them over
// SMTP on loopback, keeps each one sealed on the disk, and shows them in a browser.
package outbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"chancery/problem"
	"chancery/standalone/disk"
)

// Sealer protects what is written to the disk. What was sealed with ad (additional data,
// bound but not hidden) opens only with the same ad.
type Sealer interface {
	Seal(plain, ad []byte) ([]byte, error)
	Open(sealed, ad []byte) ([]byte, error)
}

// Summary is a letter's line in the list.
type Summary struct {
	ID        string    `json:"id"` // 32 hexadecimal digits, made from the Message-ID
	To        []string  `json:"to"` // whom the envelope named, with those in Bcc
	From      string    `json:"from"`
	Subject   string    `json:"subject"`
	Date      time.Time `json:"date"` // when it was taken, UTC
	MessageID string    `json:"message_id"`
}

// Outbox keeps letters in a folder, a sealed file each.
type Outbox struct {
	folder string
	sealer Sealer

	mu      sync.RWMutex
	letters map[string]Summary
}

// record is what a file holds, sealed.
type record struct {
	Summary Summary `json:"summary"`
	Raw     []byte  `json:"raw"`
}

const extension = ".letter"

// Open makes the folder if it is missing and reads the letters that are there.
func Open(folder string, sealer Sealer) (*Outbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make outbox: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	o := &Outbox{folder: folder, sealer: sealer, letters: map[string]Summary{}}
	for _, entry := range entries {
		id, isLetter := strings.CutSuffix(entry.Name(), extension)
		if !isLetter {
			continue // a draft that a crash left; its sender was not told it was taken
		}
		kept, err := o.read(id)
		if err != nil {
			return nil, err
		}
		o.letters[id] = kept.Summary
	}
	return o, nil
}

// Keep puts a letter into the outbox; when it returns nil the letter is on the disk. A
// letter with a Message-ID that is already there is the same letter sent again, and
// nothing changes.
func (o *Outbox) Keep(raw []byte, recipients []string, now time.Time) error {
	summary, err := summarise(raw, recipients, now)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.letters[summary.ID]; known {
		return nil
	}
	plain, err := json.Marshal(record{Summary: summary, Raw: raw})
	if err != nil {
		return fmt.Errorf("keep letter %s: %w", summary.ID, err)
	}
	sealed, err := o.sealer.Seal(plain, associated(summary.ID))
	if err != nil {
		return fmt.Errorf("seal letter %s: %w", summary.ID, err)
	}
	if err := disk.Write(o.path(summary.ID), sealed); err != nil {
		return fmt.Errorf("keep letter %s: %w", summary.ID, err)
	}
	o.letters[summary.ID] = summary
	return nil
}

// Letters lists all letters, the newest first.
func (o *Outbox) Letters() []Summary {
	o.mu.RLock()
	defer o.mu.RUnlock()
	list := make([]Summary, 0, len(o.letters))
	for _, summary := range o.letters {
		list = append(list, summary)
	}
	slices.SortFunc(list, func(a, b Summary) int {
		if order := b.Date.Compare(a.Date); order != 0 {
			return order
		}
		return strings.Compare(a.ID, b.ID)
	})
	return list
}

// Raw gives a letter back byte for byte as it came.
func (o *Outbox) Raw(id string) ([]byte, error) {
	kept, err := o.find(id)
	return kept.Raw, err
}

// find reads a letter that the list knows; a name from outside never becomes a path.
func (o *Outbox) find(id string) (record, error) {
	o.mu.RLock()
	_, known := o.letters[id]
	o.mu.RUnlock()
	if !known {
		return record{}, problem.Missing("letter_missing", "There is no such letter.")
	}
	return o.read(id)
}

func (o *Outbox) read(id string) (record, error) {
	sealed, err := os.ReadFile(o.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, problem.Missing("letter_missing", "There is no such letter.")
	}
	if err != nil {
		return record{}, fmt.Errorf("read letter %s: %w", id, err)
	}
	plain, err := o.sealer.Open(sealed, associated(id))
	if err != nil {
		return record{}, fmt.Errorf("open letter %s: %w", id, err)
	}
	var kept record
	if err := json.Unmarshal(plain, &kept); err != nil {
		return record{}, fmt.Errorf("read letter %s: %w", id, err)
	}
	return kept, nil
}

func (o *Outbox) path(id string) string { return filepath.Join(o.folder, id+extension) }

// associated binds a sealed file to its name, so that one letter cannot pose as another.
func associated(id string) []byte { return []byte("outbox/" + id) }

// identity is a letter's id: its Message-ID, or its content where it has none, hashed so
// that it fits a file name and an address.
func identity(messageID string, raw []byte) string {
	name := []byte(messageID)
	if messageID == "" {
		name = raw
	}
	sum := sha256.Sum256(name)
	return hex.EncodeToString(sum[:16])
}
