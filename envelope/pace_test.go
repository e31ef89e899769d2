package envelope_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

func TestWhenPeopleAreReminded(t *testing.T) {
	const local = "Mon 2006-01-02 15:04"
	for name, tt := range map[string]struct {
		zone, asked string
		pace        envelope.Pace
		want        []string
	}{
		"never, unless somebody says so": {"UTC", "Mon 2026-03-02 12:00", envelope.Pace{}, nil},
		"once": {"UTC", "Mon 2026-03-02 12:00", envelope.Pace{First: 2 * day, Most: 5},
			[]string{"Wed 2026-03-04 12:00"}},
		"at most so often": {"UTC", "Mon 2026-03-02 12:00", envelope.Pace{First: day, Every: 2 * day, Most: 3},
			[]string{"Tue 2026-03-03 12:00", "Thu 2026-03-05 12:00", "Sat 2026-03-07 12:00"}},
		"at the same hour when summer begins": {"Europe/Paris", "Fri 2026-03-27 09:30", envelope.Pace{First: day, Every: day, Most: 3},
			[]string{"Sat 2026-03-28 09:30", "Sun 2026-03-29 09:30", "Mon 2026-03-30 09:30"}},
		"at the same hour when summer ends": {"Europe/Paris", "Fri 2026-10-23 09:30", envelope.Pace{First: day, Every: day, Most: 3},
			[]string{"Sat 2026-10-24 09:30", "Sun 2026-10-25 09:30", "Mon 2026-10-26 09:30"}},
		"an hour that is skipped is skipped once": {"Europe/Paris", "Sat 2026-03-28 02:30", envelope.Pace{First: day, Every: day, Most: 2},
			[]string{"Sun 2026-03-29 03:30", "Mon 2026-03-30 02:30"}},
		"on business days": {"America/New_York", "Thu 2026-05-28 16:00", envelope.Pace{First: day, Every: day, Most: 4, BusinessDays: true},
			[]string{"Fri 2026-05-29 16:00", "Mon 2026-06-01 16:00"}},
		"on business days of the recipient": {"Pacific/Auckland", "Fri 2026-05-29 08:00", envelope.Pace{First: day, Every: 2 * day, Most: 2, BusinessDays: true},
			[]string{"Mon 2026-06-01 08:00"}},
		"hours are hours": {"Europe/Paris", "Sat 2026-03-28 20:00", envelope.Pace{First: 12 * time.Hour, Most: 1},
			[]string{"Sun 2026-03-29 09:00"}},
		"a day and a half": {"UTC", "Mon 2026-03-02 12:00", envelope.Pace{First: 36 * time.Hour, Every: 36 * time.Hour, Most: 2},
			[]string{"Wed 2026-03-04 00:00", "Thu 2026-03-05 12:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			asked, err := time.ParseInLocation(local, tt.asked, zone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, at := range tt.pace.Due(asked, zone) {
				if at.Location() != time.UTC {
					t.Errorf("%s is not UTC", at)
				}
				got = append(got, at.In(zone).Format(local))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheAlarmIsForTheFirstReminderOrTheExpiry(t *testing.T) {
	if alarm := draft(signer("ann", 1)).NextAlarm(); !alarm.IsZero() {
		t.Errorf("a draft has an alarm at %s", alarm)
	}
	e := draft(signer("ann", 1), signer("bob", 1))
	if alarm := sent(t, e).NextAlarm(); !alarm.Equal(noon.Add(30 * day)) {
		t.Errorf("without reminders the alarm is at %s", alarm)
	}
	e.Pace = envelope.Pace{First: 3 * day, Every: 4 * day, Most: 2}
	e = sent(t, e)
	if alarm := e.NextAlarm(); !alarm.Equal(noon.Add(3 * day)) {
		t.Errorf("the first alarm is at %s", alarm)
	}
	if c := e.Ring(noon.Add(3*day - time.Millisecond)); !c.Empty() {
		t.Errorf("too early something happened: %v", events(c))
	}
	c := e.Ring(noon.Add(3 * day).Add(time.Minute))
	if diff := cmp.Diff([]string{"reminder ann", "reminder bob"}, letters(c)); diff != "" {
		t.Error(diff)
	}
	if alarm := c.After.NextAlarm(); !alarm.Equal(noon.Add(7 * day)) {
		t.Errorf("the second alarm is at %s", alarm)
	}
	if ann, _ := c.After.Recipient("ann"); ann.Reminded != 1 {
		t.Errorf("ann was reminded %d times", ann.Reminded)
	}
	if c.ID != envelope.ReminderID(noon.Add(3*day)) {
		t.Errorf("the change is called %s, not after its alarm", c.ID)
	}
	late := e.Ring(noon.Add(20 * day))
	if diff := cmp.Diff([]string{"reminder ann", "reminder bob"}, letters(late)); diff != "" {
		t.Errorf("two reminders that are late are one letter: %s", diff)
	}
	over := e.Ring(noon.Add(30 * day))
	if over.After.Status != envelope.Expired || over.ID != envelope.ChangeExpire {
		t.Errorf("at the end it is %s by %s", over.After.Status, over.ID)
	}
}

func TestWhoHasActedIsNotReminded(t *testing.T) {
	e := draft(signer("ann", 1), signer("bob", 1))
	e.Pace = envelope.Pace{First: day, Every: day, Most: 5}
	e = records(t, sent(t, e), signs("ann"))
	if diff := cmp.Diff([]string{"reminder bob"}, letters(e.Ring(noon.Add(day)))); diff != "" {
		t.Error(diff)
	}
}
