package postgres_test

import (
	"maps"
	"testing"
	"time"

	"chancery/activities"
	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/id"
	"chancery/postgres"
	"chancery/problem"
)

// told is what the office tells of its deals in one call.
func (b *bureau) told(deals ...string) activities.Told {
	t := activities.Told{Connection: b.mapping.Connection}
	for _, deal := range deals {
		t.News = append(t.News, connectors.News{ID: "told " + deal, Ref: connectors.Ref{Type: "Deal", ID: deal}, Kind: connectors.Updated})
	}
	return t
}

func TestARecordThatIsNotShownKeepsNothingFromTheOthers(t *testing.T) {
	b := newBureau(t)
	b.office.hidden = map[string]error{
		"1": &connectors.Failure{Trouble: connectors.Refused, Code: "NO_ACCESS", Words: "not for you"},
		"2": &connectors.Failure{Trouble: connectors.Busy, Words: "locked"},
	}
	told := b.told("1", "2", "3")
	if err := b.clerk.HearAll(ctx, told); err == nil || activities.Refused(err) || len(b.begun) != 1 {
		t.Errorf("with one that is locked: %v, begun are %v", err, b.begun)
	}
	c, err := b.Connection(ctx, b.mapping.Connection)
	must(t, err)
	if c.Trouble != "NO_ACCESS: not for you" {
		t.Errorf("the connection says %q", c.Trouble)
	}
	delete(b.office.hidden, "2")
	if err := b.clerk.HearAll(ctx, told); !activities.Refused(err) || len(b.begun) != 2 {
		t.Errorf("without it: %v, begun are %v", err, b.begun)
	}
	delete(b.office.hidden, "1")
	if err := b.clerk.HearAll(ctx, told); err != nil || len(b.begun) != 3 {
		t.Errorf("with all shown: %v, begun are %v", err, b.begun)
	}
	reads := b.office.reads
	if err := b.clerk.HearAll(ctx, told); err != nil || len(b.begun) != 3 || b.office.reads != reads {
		t.Errorf("told again: %v, begun are %v, read %d times more", err, b.begun, b.office.reads-reads)
	}
}

func TestASystemThatHasEnoughIsAskedNoMore(t *testing.T) {
	for _, trouble := range []connectors.Trouble{connectors.Throttled, connectors.Expired} {
		b := newBureau(t)
		b.office.hidden = map[string]error{"1": &connectors.Failure{Trouble: trouble, Words: "enough", Wait: time.Minute}}
		if err := b.clerk.HearAll(ctx, b.told("1", "2", "3")); err == nil || activities.Refused(err) || b.office.reads != 1 {
			t.Errorf("%s: %v, read %d times", trouble, err, b.office.reads)
		}
	}
}

func TestAConnectionKeepsWhatItsSystemRenews(t *testing.T) {
	b := newBureau(t)
	request := postgres.Guard(ctx)
	c, err := b.ConnectionByLink(request, b.mapping.Connection)
	must(t, err)
	must(t, b.SetTrouble(ctx, c.ID, "look at it"))
	must(t, c.Keep(request, map[string]string{"token": "newer", "org": "7"}))
	kept, err := b.TeamConnection(request, c.Team, c.ID)
	must(t, err)
	if !maps.Equal(kept.Settings, map[string]string{"token": "newer", "org": "7"}) || kept.Name != c.Name || kept.Trouble != "look at it" {
		t.Errorf("kept is %+v", kept)
	}
	stranger, _ := b.recognised(t)
	must(t, c.Keep(stranger, map[string]string{"token": "theirs"}))
	if kept, err = b.Connection(ctx, c.ID); err != nil || kept.Settings["token"] != "newer" {
		t.Errorf("a request of another team changes it: %v, %v", kept.Settings, err)
	}
	if _, err := b.ConnectionByLink(postgres.Guard(ctx), id.New(id.Connection)); !problem.Has(err, "connection_missing") {
		t.Errorf("one that is none: %v", err)
	}
}

func TestAMappingIsMadeOnce(t *testing.T) {
	b := newBureau(t)
	m := b.mapping
	m.ID, m.Version = id.New(id.Mapping), 0
	made, err := b.SaveMapping(ctx, m)
	must(t, err)
	if made.ID != m.ID || made.Version != 1 {
		t.Errorf("made is %s, version %d", made.ID, made.Version)
	}
	if _, err := b.SaveMapping(ctx, m); !problem.Has(err, "mapping_changed") {
		t.Errorf("made again: %v", err)
	}
	all, err := b.Mappings(ctx, b.team.ID)
	must(t, err)
	if len(all) != 2 {
		t.Errorf("there are %d mappings", len(all))
	}
	if _, err := b.SaveMapping(ctx, mapping.Kept{ID: id.New(id.Mapping), Version: 3, Team: b.team.ID, Connection: m.Connection, Mapping: m.Mapping}); !problem.Has(err, "mapping_missing") {
		t.Errorf("a version of one that is none: %v", err)
	}
}
