-- What is searched or compared lies in clear: ids, statuses, times, numbers, types.
-- Everything a person wrote or could be known by is in a bytea that the program
-- seals before it comes here; the sealing binds it to its table, column and row.
-- team_id stands on every row that belongs to a team.

-- +goose Up
create table organisations (
	id         text        not null constraint organisations_pkey primary key,
	region     text        not null,
	created_at timestamptz not null default now(),
	sealed     bytea       not null
);
comment on table organisations is 'A customer. sealed: name.';

create table teams (
	id              text        not null constraint teams_pkey primary key,
	organisation_id text        not null constraint teams_organisation_fkey references organisations,
	kind            text        not null constraint teams_kind_known check (kind in ('sandbox', 'production')),
	created_at      timestamptz not null default now(),
	sealed          bytea       not null,
	preset          bytea       not null,
	head_n          bigint      not null default 0,
	head_hash       bytea       not null default ''
);
create index teams_organisation on teams (organisation_id);
comment on table teams is 'Where envelopes are sent from. sealed: name, sender; preset: the addresses of a sandbox; head: the end of the team''s audit chain.';

create table api_keys (
	id           text        not null constraint api_keys_pkey primary key,
	team_id      text        not null constraint api_keys_team_fkey references teams,
	hash         bytea       not null constraint api_keys_hash_once unique constraint api_keys_hash_is_sha256 check (length(hash) = 32),
	created_at   timestamptz not null,
	last_used_at timestamptz,
	revoked_at   timestamptz,
	sealed       bytea       not null
);
create index api_keys_team on api_keys (team_id);
comment on table api_keys is 'A key that speaks for a team, kept as the SHA-256 of 256 random bits. sealed: name.';

create table secrets (
	name       text        not null constraint secrets_pkey primary key,
	created_at timestamptz not null default now(),
	sealed     bytea       not null
);
comment on table secrets is 'A secret of the hub itself, made by whichever process needed it first.';

create table documents (
	id         text        not null constraint documents_pkey primary key,
	team_id    text        not null constraint documents_team_fkey references teams,
	blob       text        not null,
	size       bigint      not null,
	created_at timestamptz not null default now(),
	sealed     bytea       not null
);
create index documents_team on documents (team_id);
comment on table documents is 'An uploaded PDF, which is revision 0 wherever it is used. sealed: name, pages, digest, plan.';

create table envelopes (
	id         text        not null constraint envelopes_pkey primary key,
	team_id    text        not null constraint envelopes_team_fkey references teams,
	version    bigint      not null,
	sequence   bigint      not null,
	status     text        not null constraint envelopes_status_known check (status in ('draft', 'sent', 'completed', 'declined', 'voided', 'expired')),
	test       boolean     not null,
	created_at timestamptz not null,
	sent_at    timestamptz,
	expires_at timestamptz,
	ended_at   timestamptz,
	content    bytea       not null,
	reason     bytea,
	head_n     bigint      not null,
	head_hash  bytea       not null,
	constraint envelopes_end_has_time check ((status in ('draft', 'sent')) = (ended_at is null)),
	constraint envelopes_sent_has_times check (status in ('draft', 'voided') or sent_at is not null and expires_at is not null)
);
create index envelopes_newest on envelopes (team_id, created_at desc, id desc);
create index envelopes_newest_of_status on envelopes (team_id, status, created_at desc, id desc);
comment on table envelopes is 'One or more documents sent together. version is compared before it is raised; content: what the sender wrote; head: the end of the envelope''s audit chain.';

create table recipients (
	id             text    not null constraint recipients_pkey primary key,
	envelope_id    text    not null constraint recipients_envelope_fkey references envelopes on delete cascade,
	team_id        text    not null,
	position       integer not null,
	role           text    not null constraint recipients_role_known check (role in ('signer', 'approver', 'viewer', 'cc')),
	step           integer not null,
	status         text    not null constraint recipients_status_known check (status in ('waiting', 'released', 'signed', 'approved', 'viewed', 'declined', 'delegated', 'excused', 'copied')),
	place          text,
	delegated_from text,
	link_version   integer not null,
	reminded       integer not null,
	asked_at       timestamptz,
	viewed_at      timestamptz,
	acted_at       timestamptz,
	sealed         bytea   not null
);
create index recipients_envelope on recipients (envelope_id, position);
comment on table recipients is 'A person in an envelope. sealed: name, address, zone, reason, reminders to come.';

create table changes (
	envelope_id text        not null constraint changes_envelope_fkey references envelopes on delete cascade,
	id          text        not null,
	team_id     text        not null,
	at          timestamptz not null,
	constraint changes_pkey primary key (envelope_id, id)
);
comment on table changes is 'A step of an envelope''s life that has been stored; it is never stored again.';

create table acts (
	envelope_id  text        not null constraint acts_envelope_fkey references envelopes on delete cascade,
	id           text        not null,
	team_id      text        not null,
	recipient_id text        not null constraint acts_recipient_fkey references recipients on delete cascade,
	kind         text        not null constraint acts_kind_known check (kind in ('sign', 'approve', 'view', 'decline', 'delegate')),
	at           timestamptz not null,
	sealed       bytea       not null,
	constraint acts_pkey primary key (envelope_id, id)
);
create unique index acts_one_signature on acts (recipient_id) where kind = 'sign';
comment on table acts is 'One answer of one recipient. sealed: the whole act.';

create table revisions (
	envelope_id text   not null constraint revisions_envelope_fkey references envelopes on delete cascade,
	document_id text   not null constraint revisions_document_fkey references documents,
	number      bigint not null constraint revisions_number_after_upload check (number > 0),
	team_id     text   not null,
	blob        text   not null,
	size        bigint not null,
	sealed      bytea  not null,
	constraint revisions_pkey primary key (envelope_id, document_id, number)
);
comment on table revisions is 'What an envelope added to a document. The key is a compare-and-swap: a number is taken once. sealed: digest, plan.';

create table events (
	id           text        not null constraint events_pkey primary key,
	team_id      text        not null,
	envelope_id  text        not null,
	sequence     bigint      not null,
	type         text        not null,
	recipient_id text,
	at           timestamptz not null,
	xid          xid8        not null default pg_current_xact_id(),
	position     bigint      not null generated always as identity,
	payload      bytea       not null,
	constraint events_sequence_once unique (envelope_id, sequence)
);
create index events_feed on events (team_id, xid, position);
comment on table events is 'What subscribers are told. payload: the bytes that go out, frozen. xid lets the feed wait for slower transactions; it means something in this cluster alone, so restore it by its write-ahead log and not from a dump.';

create table endpoints (
	id            text        not null constraint endpoints_pkey primary key,
	team_id       text        not null constraint endpoints_team_fkey references teams,
	types         text[]      not null,
	created_at    timestamptz not null,
	failing_since timestamptz,
	disabled_at   timestamptz,
	disabled_why  text        constraint endpoints_why_known check (disabled_why in ('gone', 'failing', 'owner')),
	sealed        bytea       not null,
	constraint endpoints_disabled_has_why check ((disabled_at is null) = (disabled_why is null))
);
create index endpoints_team on endpoints (team_id, created_at);
comment on table endpoints is 'Where a team wants its events. types: empty means all; sealed: address and secrets.';

create table deliveries (
	id          text        not null constraint deliveries_pkey primary key,
	team_id     text        not null,
	endpoint_id text        not null constraint deliveries_endpoint_fkey references endpoints on delete cascade,
	event_id    text        not null constraint deliveries_event_fkey references events,
	envelope_id text        not null,
	change_id   text        not null,
	status      text        not null default 'pending' constraint deliveries_status_known check (status in ('pending', 'delivered', 'failed')),
	attempts    integer     not null default 0,
	created_at  timestamptz not null,
	position    bigint      not null generated always as identity
);
create index deliveries_change on deliveries (envelope_id, change_id) where status = 'pending';
create index deliveries_newest on deliveries (endpoint_id, position desc);
create index deliveries_event on deliveries (event_id);
comment on table deliveries is 'One event on its way to one endpoint. attempts: made since it was created or last replayed.';

create table attempts (
	id          text        not null constraint attempts_pkey primary key,
	delivery_id text        not null constraint attempts_delivery_fkey references deliveries on delete cascade,
	team_id     text        not null,
	number      integer     not null,
	at          timestamptz not null,
	took_ms     bigint      not null,
	status      integer     not null,
	verdict     text        not null constraint attempts_verdict_known check (verdict in ('delivered', 'retry', 'gone')),
	next_at     timestamptz,
	sealed      bytea       not null
);
create index attempts_delivery on attempts (delivery_id, at);
comment on table attempts is 'One try of a delivery. status: of HTTP, 0 when there was no reply; sealed: excerpt of the reply, what went wrong.';

create table letters (
	id           text        not null constraint letters_pkey primary key,
	team_id      text        not null,
	envelope_id  text        not null constraint letters_envelope_fkey references envelopes on delete cascade,
	change_id    text        not null,
	recipient_id text,
	kind         text        not null,
	status       text        not null default 'pending' constraint letters_status_known check (status in ('pending', 'sent', 'refused')),
	created_at   timestamptz not null,
	settled_at   timestamptz,
	sealed       bytea,
	constraint letters_settled_has_time check ((status = 'pending') = (settled_at is null))
);
create index letters_envelope on letters (envelope_id, change_id);
comment on table letters is 'A letter to one recipient, or to the sender when there is none. sealed: what the mail server said.';

create table idempotency_keys (
	team_id    text        not null,
	key        bytea       not null,
	request    bytea       not null,
	claimed_at timestamptz not null,
	reply      bytea,
	constraint idempotency_keys_pkey primary key (team_id, key)
);
create index idempotency_keys_oldest on idempotency_keys (claimed_at);
comment on table idempotency_keys is 'A request that must not take effect twice; key and request are fingerprints, reply is what was answered.';

create table audit_events (
	chain      text        not null,
	n          bigint      not null,
	team_id    text        not null,
	at         timestamptz not null,
	kind       text        not null,
	actor_kind text        not null,
	actor_id   text        not null,
	detail     jsonb       not null,
	commitment bytea       not null,
	prev       bytea       not null,
	hash       bytea       not null,
	constraint audit_events_pkey primary key (chain, n)
);
comment on table audit_events is 'One line of evidence, nothing personal in it: detail holds ids and statuses. The hub may read and add, and nothing else.';

create table audit_persons (
	chain   text   not null,
	n       bigint not null,
	team_id text   not null,
	sealed  bytea  not null,
	constraint audit_persons_pkey primary key (chain, n),
	constraint audit_persons_event_fkey foreign key (chain, n) references audit_events
);
comment on table audit_persons is 'The personal part of a line of evidence and the salt of its commitment. It can be erased; the chain still holds.';
