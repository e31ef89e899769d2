-- What people prove who they are with. The release before this one knows nobody who
-- signs in, and reads none of it.

-- +goose Up
set local lock_timeout = '5s';

-- Wrong guesses are counted in tries, for addresses of nobody as well: whoever
-- guesses must not learn from the lock who has an account.
alter table users drop column failures;
alter table users drop column failed_at;
alter table users drop column locked_until;

alter table organisations add column head_n bigint not null default 0;
alter table organisations add column head_hash bytea not null default '';
comment on column organisations.head_n is 'The end of the organisation''s audit chain: who signed in, who joined and left.';
comment on column organisations.head_hash is 'The hash of that end.';

create table sessions (
	id          text        not null constraint sessions_pkey primary key,
	hash        bytea       not null constraint sessions_hash_once unique constraint sessions_hash_is_sha256 check (length(hash) = 32),
	user_id     text        not null constraint sessions_user_fkey references users,
	stage       text        not null constraint sessions_stage_known check (stage in ('pending', 'open')),
	chosen_team text        not null default '',
	created_at  timestamptz not null,
	seen_at     timestamptz not null,
	expires_at  timestamptz not null,
	sealed      bytea       not null
);
create index sessions_user on sessions (user_id, created_at);
create index sessions_expired on sessions (expires_at);
comment on table sessions is 'A browser in which somebody has signed in. hash: of what its cookie holds; stage: pending has shown a password and opens nothing yet; seen: to the minute; sealed: from where.';

create table devices (
	hash       bytea       not null constraint devices_hash_is_sha256 check (length(hash) = 32),
	user_id    text        not null constraint devices_user_fkey references users,
	created_at timestamptz not null,
	seen_at    timestamptz not null,
	constraint devices_pkey primary key (hash, user_id)
);
create index devices_user on devices (user_id, created_at);
comment on table devices is 'A browser in which the user has signed in before: strangers who guess do not lock it out.';

create table tries (
	subject   bytea       not null constraint tries_pkey primary key,
	failures  integer     not null constraint tries_counted check (failures > 0),
	failed_at timestamptz not null
);
create index tries_oldest on tries (failed_at);
comment on table tries is 'Wrong guesses in a row. subject: keyed fingerprint of what was guessed at (an account, a code) or from where.';

create table signups (
	id         text        not null constraint signups_pkey primary key,
	hash       bytea       not null constraint signups_hash_once unique,
	email      bytea       not null constraint signups_email_once unique,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	sealed     bytea       not null
);
create index signups_expired on signups (expires_at);
comment on table signups is 'Somebody who says that an address is theirs, until the link in a letter proves it. hash: of the link; email: keyed fingerprint; sealed: name, address, organisation, password hash.';

create table mailed_links (
	hash       bytea       not null constraint mailed_links_pkey primary key,
	user_id    text        not null constraint mailed_links_user_fkey references users,
	purpose    text        not null constraint mailed_links_purpose_known check (purpose in ('reset', 'email')),
	created_at timestamptz not null,
	expires_at timestamptz not null,
	sealed     bytea       not null,
	constraint mailed_links_one_of_a_purpose unique (user_id, purpose)
);
create index mailed_links_expired on mailed_links (expires_at);
comment on table mailed_links is 'A link that was mailed to a user and is good once: to choose a new password, or to prove a new address (sealed).';

create table invitations (
	id              text        not null constraint invitations_pkey primary key,
	hash            bytea       not null constraint invitations_hash_once unique,
	organisation_id text        not null constraint invitations_organisation_fkey references organisations,
	team_id         text        not null constraint invitations_team_fkey references teams,
	level           text        not null constraint invitations_level_known check (level in ('administrator', 'team_create', 'team_send', 'own_create', 'own_send', 'team_read')),
	email           bytea       not null,
	invited_by      text        not null,
	created_at      timestamptz not null,
	expires_at      timestamptz not null,
	sealed          bytea       not null,
	constraint invitations_once_in_a_team unique (team_id, email)
);
create index invitations_team on invitations (team_id, created_at);
comment on table invitations is 'Somebody who is asked to join a team. hash: of the link in the letter; email: keyed fingerprint; sealed: address, who invites. Accepted and revoked ones are gone; the audit chain remembers them.';
alter table invitations enable row level security;
create policy invitations_asked_for on invitations using (asked_for(team_id));

create table notices (
	id         text        not null constraint notices_pkey primary key,
	user_id    text        constraint notices_user_fkey references users,
	kind       text        not null,
	status     text        not null constraint notices_status_known check (status in ('pending', 'sent', 'refused')),
	created_at timestamptz not null,
	settled_at timestamptz,
	sealed     bytea       not null,
	constraint notices_settled_has_time check ((status = 'pending') = (settled_at is null))
);
create index notices_pending on notices (created_at) where status = 'pending';
create index notices_oldest on notices (created_at);
comment on table notices is 'A letter about an account, stored with the change that it tells of. sealed: to whom, and what it says; emptied of its link once it is sent.';
