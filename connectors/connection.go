package connectors

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/problem"
)

// Connection is a team's account in a system.
type Connection struct {
	ID        string
	Team      string
	System    string // name of the System
	Name      string
	Settings  map[string]string // those that are Secret are never shown again
	CreatedAt time.Time
	TestedAt  time.Time
	As        string // whom the credentials speak as, at the last test
	Trouble   string // what is wrong with it, for people; "" is nothing
	Compared  Comparison

	// Keep stores settings that the system itself has told or renewed. Nil keeps nothing.
	Keep func(ctx context.Context, learnt map[string]string) error `json:"-"`
}

// Comparison is what came of comparing a connection's records with what its envelopes
// have come to.
type Comparison struct {
	At       time.Time `json:"-"`        // zero is never
	Repaired int       `json:"repaired"` // write-backs that were lost on the way, and made now
	Stuck    int       `json:"stuck"`    // and those that need somebody
	Same     int       `json:"same"`     // records that say what was written
	Drifted  int       `json:"drifted"`  // and those that say something else: somebody must decide
	Unread   int       `json:"unread"`   // that are gone, or cannot be read any more
}

// System is one that the hub can be connected to.
type System struct {
	Name     string // such as salesforce; stands in connections
	Title    string // such as Salesforce
	Settings []Setting
	// Open makes the connector. It asks the system nothing yet. Every call goes
	// through client, which reaches no private addresses.
	Open func(c Connection, client *http.Client) (Reader, error)

	Receiver *Receiver // nil where the system does not call us
	Consent  *Consent  // nil where nobody says yes in a browser
}

// Setting is something that a connection must be told.
type Setting struct {
	Name     string
	Title    string
	Help     string
	Secret   bool
	Lines    bool // of several lines, such as a key
	Optional bool
	Choices  []string
	Learnt   bool // the system tells it; people are not asked
}

// Asked are the settings that people give.
func (s System) Asked() []Setting {
	return slices.DeleteFunc(slices.Clone(s.Settings), func(one Setting) bool { return one.Learnt })
}

// MaxSetting is how long a setting may be, in bytes: a private key fits.
const MaxSetting = 16 << 10

// Check says whether settings are those of the system.
func (s System) Check(settings map[string]string) error {
	for name := range settings {
		if !slices.ContainsFunc(s.Settings, func(known Setting) bool { return known.Name == name }) {
			return problem.Invalid("setting_unknown", "A setting is not one of this system.").At("settings.%s", shortName(name))
		}
	}
	for _, known := range s.Settings {
		given := settings[known.Name]
		switch {
		case given == "" && !known.Optional:
			return problem.Invalid("setting_missing", "A setting is missing: "+known.Title+".").At("settings.%s", known.Name)
		case len(given) > MaxSetting:
			return problem.TooLarge("text_too_long", "A text is longer than its place allows.").At("settings.%s", known.Name)
		case given != "" && len(known.Choices) > 0 && !slices.Contains(known.Choices, given):
			return problem.Invalid("setting_invalid", "A setting is none of its choices: "+strings.Join(known.Choices, ", ")+".").At("settings.%s", known.Name)
		}
	}
	return nil
}

func shortName(name string) string {
	const most = 50
	return strings.ToValidUTF8(name[:min(len(name), most)], "")
}

// Shown are the settings that people give, without what is secret.
func (s System) Shown(settings map[string]string) map[string]string {
	shown := map[string]string{}
	for _, known := range s.Settings {
		if !known.Secret && !known.Learnt && settings[known.Name] != "" {
			shown[known.Name] = settings[known.Name]
		}
	}
	return shown
}

// Amended are the settings that result when somebody saves these: a secret that is
// left out stays as it was, and so does what the system has told.
func (s System) Amended(before, said map[string]string) map[string]string {
	after := maps.Clone(said)
	if after == nil {
		after = map[string]string{}
	}
	for _, known := range s.Settings {
		if known.Learnt || known.Secret && after[known.Name] == "" {
			after[known.Name] = before[known.Name]
		}
		if after[known.Name] == "" {
			delete(after, known.Name)
		}
	}
	return after
}
