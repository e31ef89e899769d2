package postgres_test

import (
	"testing"

	"chancery/envelope"
	"chancery/postgres/postgrestest"
)

// BenchmarkCommit measures a signature's change on a durable database: one act,
// one revision, three lines of evidence, three events with a delivery each, one letter.
func BenchmarkCommit(b *testing.B) {
	s := newScene(b)
	s.durable(b)
	s.newEndpoint(b)
	var changes []envelope.Change
	for range 20 {
		changes = append(changes, signing(b, s.send(b, s.newDraft(b, s.team))))
	}
	for b.Loop() {
		b.StopTimer()
		if len(changes) == 0 {
			changes = append(changes, signing(b, s.send(b, s.newDraft(b, s.team))))
		}
		change := changes[len(changes)-1]
		changes = changes[:len(changes)-1]
		b.StartTimer()
		must(b, s.Commit(ctx, change))
	}
}

// BenchmarkCommitSideBySide is what several envelopes make of group commit.
func BenchmarkCommitSideBySide(b *testing.B) {
	s := newScene(b)
	s.durable(b)
	changes := make(chan envelope.Change, b.N)
	for range b.N {
		change, err := s.newDraft(b, s.team).Send(sam, envelope.Origin{}, noon)
		must(b, err)
		changes <- change
	}
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			must(b, s.Commit(ctx, <-changes))
		}
	})
}

func BenchmarkEnvelope(b *testing.B) {
	s := newScene(b)
	for b.Loop() {
		s.read(b, s.draft.ID)
	}
}

// durable lets the server wait for the disk, as it does outside tests.
func (s scene) durable(b *testing.B) {
	b.Helper()
	root := postgrestest.Connect(b, s.database.RootURL)
	set := func(how string) {
		_, err := root.Exec(ctx, how)
		must(b, err)
		_, err = root.Exec(ctx, `select pg_reload_conf()`)
		must(b, err)
	}
	set(`alter system set fsync = on`)
	b.Cleanup(func() { set(`alter system reset fsync`) })
}
