-- Envelopes have tags, lists are narrowed to one of them, and a webhook endpoint may
-- ask for envelopes that have one of some. What was made before has none and asks for none.

-- +goose Up
set local lock_timeout = '5s';

-- A table and no array: under row security no index of arrays would be used, whose operators are not leakproof.
create table envelope_tags (
	envelope_id text        not null constraint envelope_tags_envelope_fkey references envelopes on delete cascade,
	tag         bytea       not null,
	team_id     text        not null,
	created_at  timestamptz not null,
	constraint envelope_tags_pkey primary key (envelope_id, tag)
);
create index envelope_tags_newest on envelope_tags (team_id, tag, created_at desc, envelope_id desc);
comment on table envelope_tags is 'A tag of an envelope, by a keyed fingerprint; the word is in the envelope''s content. created_at: of the envelope.';

alter table envelope_tags enable row level security;
create policy envelope_tags_asked_for on envelope_tags using (asked_for(team_id));

alter table endpoints add column tags bytea[] not null default '{}';
comment on column endpoints.tags is 'It is told of envelopes with one of these; empty means of all. Keyed fingerprints; the words are in sealed.';
