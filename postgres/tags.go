package postgres

// tagPrint finds a tag again without keeping it. It is the same in all teams: an
// endpoint above hears of envelopes below it.
func (s *Store) tagPrint(tag string) []byte { return s.sealer.Fingerprint("tag", []byte(tag)) }

// tagPrints are never nil, which would be another thing to the database than none.
func (s *Store) tagPrints(tags []string) [][]byte {
	prints := make([][]byte, len(tags))
	for i, tag := range tags {
		prints[i] = s.tagPrint(tag)
	}
	return prints
}

// storeTags writes the tags of the envelope that a draft's statement has made or
// saved; the old ones that are not among them go.
const storeTags = `
	tags_gone as (
		delete from envelope_tags
		 where envelope_id in (select id from swapped) and tag <> all(@tags::bytea[])
	), tags_stored as (
		insert into envelope_tags (envelope_id, tag, team_id, created_at)
		select s.id, tag, s.team_id, s.created_at from swapped s, unnest(@tags::bytea[]) tag
		on conflict do nothing
	)`
