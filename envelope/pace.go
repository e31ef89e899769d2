package envelope

import (
	"time"

	"chancery/problem"
)

// Pace says when recipients who do not answer are reminded. Whole days count as
// days of the recipient's calendar, so a reminder keeps its hour over a change
// to summer time.
type Pace struct {
	First        time.Duration `json:"first,omitempty"` // after being asked; 0 means never
	Every        time.Duration `json:"every,omitempty"` // after that
	Most         int           `json:"most,omitempty"`  // reminders in all
	BusinessDays bool          `json:"business_days,omitempty"`
}

const (
	// MaxReminders keeps a forgotten envelope from becoming a nuisance.
	MaxReminders = 30
	// MinPace keeps reminders from becoming spam.
	MinPace = time.Minute
	// MaxLifetime is how long an envelope may stay open: longer than any offer stands.
	MaxLifetime = 366 * 24 * time.Hour
	// DefaultLifetime when the sender does not say.
	DefaultLifetime = 120 * 24 * time.Hour

	day = 24 * time.Hour
)

// Due returns all the moments of reminders for somebody asked at that time.
// They are computed once, when the person is asked: clocks of the zone may change
// their rules later, a promise made stays.
func (p Pace) Due(asked time.Time, zone *time.Location) []time.Time {
	if p.First <= 0 {
		return nil
	}
	var due []time.Time
	for k := range time.Duration(p.Most) {
		at := after(asked, p.First+k*p.Every, zone)
		if p.BusinessDays {
			at = businessDay(at, zone)
		}
		if n := len(due); n == 0 || at.After(due[n-1]) {
			due = append(due, at)
		}
	}
	return due
}

func after(t time.Time, d time.Duration, zone *time.Location) time.Time {
	return t.In(zone).AddDate(0, 0, int(d/day)).Add(d % day).UTC()
}

func businessDay(t time.Time, zone *time.Location) time.Time {
	local := t.In(zone)
	for local.Weekday() == time.Saturday || local.Weekday() == time.Sunday {
		local = local.AddDate(0, 0, 1)
	}
	return local.UTC()
}

func (p Pace) check() error {
	invalid := func(sentence, member string) error {
		return problem.Invalid("reminders_invalid", sentence).At("reminders.%s", member)
	}
	switch {
	case p == Pace{}:
		return nil
	case p.First < MinPace || p.First > MaxLifetime:
		return invalid("The first reminder must be at least a minute and at most 366 days after the invitation.", "first_after")
	case p.Every != 0 && p.Every < MinPace || p.Every > MaxLifetime:
		return invalid("Reminders must be at least a minute and at most 366 days apart.", "every")
	case p.Most < 1 || p.Most > MaxReminders:
		return invalid("There may be 1 to 30 reminders.", "at_most")
	}
	return nil
}

// zone of a recipient; a zone we do not know (checked at the draft) counts as UTC.
func (r Recipient) zone() *time.Location {
	loc, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Location of the recipient, for writing times to them.
func (r Recipient) Location() *time.Location { return r.zone() }
