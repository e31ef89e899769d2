package mapping

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"chancery/problem"
)

// looked is how many times of a schedule are compared: more than a day's, for one that
// comes as often as it may.
const looked = 200

// plainField is what the engine reads in a field. The parser here takes more, such as ? and *-5.
var plainField = regexp.MustCompile(`^(\*|\w+(-\w+)?)(/\d+)?(,(\*|\w+(-\w+)?)(/\d+)?)*$`)

// scheduled says what is wrong with a schedule, if there is one.
func scheduled(s Start) *problem.Problem {
	if s.Schedule == "" {
		return nil
	}
	wrong := problem.Invalid("schedule_invalid", "A schedule has five fields, such as 0 8 * * 1-5: minute, hour, day, month, day of the week.").At("start.schedule")
	fields := strings.Fields(s.Schedule)
	if len(fields) != 5 || slices.ContainsFunc(fields, func(f string) bool { return !plainField.MatchString(f) }) {
		return wrong
	}
	times, err := cron.ParseStandard(s.Schedule)
	if err != nil {
		return wrong.Because(err)
	}
	// cron comes on days that are either, which the parser here does, the engine on those that are both.
	if fields[2] != "*" && fields[4] != "*" {
		return problem.Invalid("schedule_ambiguous", "A schedule names days of the month or days of the week, not both: leave one of them *.").At("start.schedule")
	}
	if s.When == "" {
		return problem.Invalid("condition_missing", "A schedule looks at all records: say in start.when which of them it is about.").At("start.when")
	}
	last := times.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if last.IsZero() {
		return problem.Invalid("schedule_invalid", "This schedule never comes.").At("start.schedule")
	}
	for range looked {
		next := times.Next(last)
		if next.IsZero() {
			break
		}
		if next.Sub(last) < MinSchedule {
			return problem.Invalid("schedule_too_often", "A schedule comes every 15 minutes at most.").At("start.schedule")
		}
		last = next
	}
	return nil
}
