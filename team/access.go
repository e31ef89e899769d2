package team

import (
	"strings"
	"time"
	"unicode/utf8"

	"chancery/problem"
)

// Member is a user in a team.
type Member struct {
	Team  string
	User  string
	Level Level
	Since time.Time
}

// Application is a user's wish to use the API, for an operator to decide.
type Application struct {
	ID           string
	Organisation string
	User         string
	Status       ApplicationStatus
	CreatedAt    time.Time
	DecidedAt    time.Time
	Form         ApplicationForm
	Reason       string // of the decision, for the applicant
}

// ApplicationStatus is where an application stands.
type ApplicationStatus string

const (
	Pending  ApplicationStatus = "pending"
	Approved ApplicationStatus = "approved"
	Rejected ApplicationStatus = "rejected"
)

// ApplicationForm is what an applicant writes; all of it is needed.
type ApplicationForm struct {
	Company    string `json:"company"`
	Address    string `json:"address"`
	Name       string `json:"name"`
	Role       string `json:"role"`
	UseCases   string `json:"use_cases"`
	Experience string `json:"experience"`
}

// MaxAnswer is how long each answer of an application may be, in characters: a page of text.
const MaxAnswer = 2000

// Check says what is missing in the form or too long.
func (f ApplicationForm) Check() error {
	for _, answer := range []struct{ field, text, missing string }{
		{"company", f.Company, "Please give the name of the company."},
		{"address", f.Address, "Please give the address of the company."},
		{"name", f.Name, "Please give your full name."},
		{"role", f.Role, "Please say what you do at the company."},
		{"use_cases", f.UseCases, "Please say what you want to do with the API."},
		{"experience", f.Experience, "Please say which APIs you have worked with; none is an answer, too."},
	} {
		if strings.TrimSpace(answer.text) == "" {
			return problem.Invalid("application_incomplete", answer.missing).At("%s", answer.field)
		}
		if utf8.RuneCountInString(answer.text) > MaxAnswer {
			return problem.TooLarge("text_too_long", "A text is longer than 2000 characters.").At("%s", answer.field)
		}
	}
	return nil
}

// CheckDecision says whether an application can be answered that way: whoever is
// turned away is told why.
func CheckDecision(status ApplicationStatus, reason string) error {
	switch {
	case status != Approved && status != Rejected:
		return problem.Invalid("decision_invalid", "An application is approved or rejected.").At("status")
	case status == Rejected && strings.TrimSpace(reason) == "":
		return problem.Invalid("reason_missing", "Please say why.").At("reason")
	case utf8.RuneCountInString(reason) > MaxAnswer:
		return problem.TooLarge("text_too_long", "A text is longer than 2000 characters.").At("reason")
	}
	return nil
}

// Subscription is what a customer has paid for. Without one an organisation has
// one sandbox team and no more.
type Subscription struct {
	Organisation     string
	Plan             string
	MonthlyDocuments int // of production teams; 0 is fair use
	Since            time.Time
	Until            time.Time // zero goes on
}

// Active tells whether it is good at that moment.
func (s Subscription) Active(at time.Time) bool {
	return s.Organisation != "" && !at.Before(s.Since) && (s.Until.IsZero() || at.Before(s.Until))
}

// MaxPlan is how long the name of a plan may be, in characters.
const MaxPlan = 100

// Check says what is wrong with a subscription.
func (s Subscription) Check() error {
	switch {
	case strings.TrimSpace(s.Plan) == "" || utf8.RuneCountInString(s.Plan) > MaxPlan:
		return problem.Invalid("plan_invalid", "A plan has a name of at most 100 characters.").At("plan")
	case s.MonthlyDocuments < 0:
		return problem.Invalid("plan_invalid", "A plan has a number of documents a month, or 0 for fair use.").At("documents")
	case !s.Until.IsZero() && !s.Until.After(s.Since):
		return problem.Invalid("plan_invalid", "A subscription ends after it has begun.").At("until")
	}
	return nil
}

// Problems of what needs a subscription.
var (
	ErrNotSubscribed = problem.Denied("subscription_needed", "This needs a subscription. Until then there is one team, and it is a sandbox.")
	ErrPlanLimit     = problem.Denied("plan_limit_reached", "The documents of this month’s plan are used up. The draft is kept; send it next month, or ask for a larger plan.")
)

// MayAdd says whether an organisation that has so many teams may have one more of
// that kind.
func MayAdd(s Subscription, at time.Time, kind Kind, have int) error {
	if s.Active(at) || kind == Sandbox && have == 0 {
		return nil
	}
	return ErrNotSubscribed
}

// A sandbox may add so many preset addresses in any span of that length: enough
// to fill the list and to change all of it once.
const (
	MaxPresetAdditions = 2 * MaxPreset
	PresetSpan         = 30 * 24 * time.Hour
)

// ErrPresetSettled is the answer to changing preset addresses too often.
var ErrPresetSettled = problem.Limited("preset_settled", "The preset addresses have been changed as often as a sandbox may in thirty days.")

// Added tells how many addresses of after were not there before.
func Added(before, after []string) int {
	added := 0
	for _, email := range after {
		if !containsFold(before, email) {
			added++
		}
	}
	return added
}

func containsFold(all []string, one string) bool {
	for _, s := range all {
		if strings.EqualFold(s, one) {
			return true
		}
	}
	return false
}
