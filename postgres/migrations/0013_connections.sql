-- Accounts in other systems, how their records become envelopes, and what goes back.

-- +goose Up
set local lock_timeout = '5s';

create table connections (
	id         text        not null constraint connections_pkey primary key,
	team_id    text        not null constraint connections_team_fkey references teams,
	system     text        not null,
	created_at timestamptz not null,
	tested_at  timestamptz,
	sealed     bytea       not null,
	trouble    bytea
);
create index connections_team on connections (team_id, created_at);
comment on table connections is 'A team''s account in another system. sealed: name, settings with their secrets, whom they speak as; trouble: what is wrong with it.';

create table connection_cursors (
	connection_id text        not null constraint connection_cursors_pkey primary key constraint connection_cursors_connection_fkey references connections on delete cascade,
	team_id       text        not null,
	cursor        text        not null,
	at            timestamptz not null
);
comment on table connection_cursors is 'How far the hub has heard what a system tells.';

create table news (
	connection_id text        not null constraint news_connection_fkey references connections on delete cascade,
	fingerprint   bytea       not null,
	team_id       text        not null,
	at            timestamptz not null,
	constraint news_pkey primary key (connection_id, fingerprint)
);
create index news_oldest on news (at);
comment on table news is 'What a system has told, by a keyed fingerprint of its id, so that it is heard once. Kept for seven days.';

create table templates (
	id         text        not null constraint templates_pkey primary key,
	team_id    text        not null constraint templates_team_fkey references teams,
	kind       text        not null constraint templates_kind_known check (kind in ('docx', 'html', 'pdf')),
	blob       text        not null,
	size       bigint      not null,
	created_at timestamptz not null,
	retired_at timestamptz,
	name       bytea       not null,
	sealed     bytea       not null
);
create unique index templates_one_of_a_name on templates (team_id, name) where retired_at is null;
comment on table templates is 'A document to be filled with data. A newer one of the same name retires it. name: keyed fingerprint; sealed: name, digest.';

create table mappings (
	id            text        not null constraint mappings_pkey primary key,
	team_id       text        not null constraint mappings_team_fkey references teams,
	connection_id text        not null constraint mappings_connection_fkey references connections,
	record_type   text        not null,
	version       integer     not null,
	enabled       boolean     not null,
	created_at    timestamptz not null,
	changed_at    timestamptz not null
);
create index mappings_connection on mappings (connection_id, record_type) where enabled;
create index mappings_team on mappings (team_id, created_at);
comment on table mappings is 'How records of a type become envelopes. version: the one in force.';

create table mapping_versions (
	mapping_id text        not null constraint mapping_versions_mapping_fkey references mappings on delete cascade,
	version    integer     not null,
	team_id    text        not null,
	author     text        not null,
	at         timestamptz not null,
	sealed     bytea       not null,
	constraint mapping_versions_pkey primary key (mapping_id, version)
);
comment on table mapping_versions is 'What a mapping said at that version; it never changes. sealed: the mapping.';

create table mapped_records (
	mapping_id  text    not null constraint mapped_records_mapping_fkey references mappings on delete cascade,
	fingerprint bytea   not null,
	team_id     text    not null,
	met         boolean not null,
	turn        bigint  not null,
	constraint mapped_records_pkey primary key (mapping_id, fingerprint)
);
comment on table mapped_records is 'Whether a record met its mapping''s condition when it was last read: a journey begins when it comes to. turn counts how often it has. fingerprint: keyed, of the record.';

create table journeys (
	id            text        not null constraint journeys_pkey primary key,
	team_id       text        not null constraint journeys_team_fkey references teams,
	connection_id text        not null constraint journeys_connection_fkey references connections,
	mapping_id    text        not null,
	version       integer     not null,
	status        text        not null constraint journeys_status_known check (status in ('begun', 'passed', 'sent', 'finished', 'attention')),
	envelope_id   text,
	listens       text[]      not null,
	created_at    timestamptz not null,
	changed_at    timestamptz not null,
	sealed        bytea       not null,
	baseline      bytea,
	words         bytea,
	constraint journeys_mapping_fkey foreign key (mapping_id, version) references mapping_versions,
	constraint journeys_sent_has_envelope check (status not in ('sent', 'finished') or envelope_id is not null)
);
create index journeys_newest on journeys (team_id, created_at desc, id desc);
create index journeys_attention on journeys (team_id, changed_at) where status = 'attention';
create unique index journeys_envelope on journeys (envelope_id) where envelope_id is not null;
comment on table journeys is 'A record on its way to being an envelope and back. listens: events that write something back; sealed: record, trigger; baseline: the fields that it writes, as last known; words: what needs attention.';

create table write_backs (
	journey_id  text        not null constraint write_backs_journey_fkey references journeys on delete cascade,
	event_id    text        not null,
	team_id     text        not null,
	envelope_id text        not null,
	change_id   text        not null,
	type        text        not null,
	sequence    bigint      not null,
	at          timestamptz not null,
	status      text        not null default 'pending' constraint write_backs_status_known check (status in ('pending', 'done', 'attention')),
	settled_at  timestamptz,
	words       bytea,
	constraint write_backs_pkey primary key (journey_id, event_id)
);
create index write_backs_change on write_backs (envelope_id, change_id) where status = 'pending';
comment on table write_backs is 'An event of an envelope that a record is to learn of. words: what needs attention.';

alter table connections enable row level security;
create policy connections_asked_for on connections using (asked_for(team_id));

alter table connection_cursors enable row level security;
create policy connection_cursors_asked_for on connection_cursors using (asked_for(team_id));

alter table news enable row level security;
create policy news_asked_for on news using (asked_for(team_id));

alter table templates enable row level security;
create policy templates_asked_for on templates using (asked_for(team_id));

alter table mappings enable row level security;
create policy mappings_asked_for on mappings using (asked_for(team_id));

alter table mapping_versions enable row level security;
create policy mapping_versions_asked_for on mapping_versions using (asked_for(team_id));

alter table mapped_records enable row level security;
create policy mapped_records_asked_for on mapped_records using (asked_for(team_id));

alter table journeys enable row level security;
create policy journeys_asked_for on journeys using (asked_for(team_id));

alter table write_backs enable row level security;
create policy write_backs_asked_for on write_backs using (asked_for(team_id));
