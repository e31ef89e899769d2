package envelope

import (
	"slices"
	"strconv"
	"time"
)

// NextAlarm returns the next moment at which something happens by itself: a
// reminder or the expiry; zero when nothing does. An envelope does not expire
// while something that was given in time waits for its timestamp.
func (e Envelope) NextAlarm() time.Time {
	if e.Status != Sent {
		return time.Time{}
	}
	var next time.Time
	if !e.settling() {
		next = e.ExpiresAt
	}
	for _, r := range e.Recipients {
		if r.Status == Released && len(r.Reminders) > 0 && (next.IsZero() || r.Reminders[0].Before(next)) {
			next = r.Reminders[0]
		}
	}
	return next
}

// settling tells whether people have done their part and the hub has not yet.
func (e Envelope) settling() bool {
	_, running := e.Route().Step()
	return !running || len(e.Route().Held()) > 0
}

// Ring does what is due by itself at that time: expiry, reminders, or nothing.
func (e Envelope) Ring(at time.Time) Change {
	next := e.NextAlarm()
	if next.IsZero() || next.After(at) {
		return e.begin(ReminderID(next), at)
	}
	if !e.settling() && !e.ExpiresAt.After(at) {
		c := e.begin(ChangeExpire, at)
		c.end(expiring, "", Hub, Origin{})
		return c
	}
	return e.remind(at)
}

// ReminderID is the id of the change that the alarm set for that time leads to. A
// second try rings later and still finds what the first has done.
func ReminderID(alarm time.Time) string {
	return "remind." + strconv.FormatInt(alarm.UnixMilli(), 10)
}

// remind writes to everybody whose reminder is due.
func (e Envelope) remind(at time.Time) Change {
	c := e.begin(ReminderID(e.NextAlarm()), at)
	for _, r := range e.Recipients {
		if r.Status != Released || len(r.Reminders) == 0 || r.Reminders[0].After(at) {
			continue
		}
		next := c.touch(r.ID)
		next.Reminders = slices.DeleteFunc(slices.Clone(r.Reminders), func(due time.Time) bool { return !due.After(at) })
		next.Reminded++
		c.tell(EventReminded, r.ID)
		c.note(NotedReminded, Hub, Origin{}, "recipient", r.ID, "count", strconv.Itoa(next.Reminded))
		c.write(Reminder, r.ID)
	}
	return c
}
