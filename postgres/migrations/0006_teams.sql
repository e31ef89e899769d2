-- People, teams as a tree, who may do what, what a customer has paid for and used.
-- The release before this one knows none of it: new columns have defaults, and the
-- row policies let in a connection that does not say for whom it asks.

-- +goose Up
set local lock_timeout = '5s';

create table users (
	id              text        not null constraint users_pkey primary key,
	organisation_id text        not null constraint users_organisation_fkey references organisations,
	email           bytea       not null constraint users_email_once unique,
	head            boolean     not null default false,
	created_at      timestamptz not null,
	proved_at       timestamptz,
	approved_at     timestamptz,
	secured_at      timestamptz,
	left_at         timestamptz,
	failures        integer     not null default 0,
	failed_at       timestamptz,
	locked_until    timestamptz,
	sealed          bytea       not null,
	secrets         bytea       not null
);
create index users_organisation on users (organisation_id, created_at);
comment on table users is 'A person who can sign in. email: keyed fingerprint of the address in lower case; head: administers the organisation; proved: the address is theirs; approved: may use the API; secured: two-factor authentication has been on since; sealed: name, address; secrets: password hash, second factors, recovery codes.';

alter table teams add column parent_id text constraint teams_parent_fkey references teams;
alter table teams add column ahead interval not null default '0';
alter table teams add constraint teams_not_its_own_parent check (parent_id <> id);
create index teams_parent on teams (parent_id) where parent_id is not null;
comment on column teams.ahead is 'How far the clock of a sandbox has been put forward.';

create table members (
	team_id  text        not null constraint members_team_fkey references teams,
	user_id  text        not null constraint members_user_fkey references users,
	level    text        not null constraint members_level_known check (level in ('administrator', 'team_create', 'team_send', 'own_create', 'own_send', 'team_read')),
	since    timestamptz not null,
	constraint members_pkey primary key (team_id, user_id)
);
create index members_user on members (user_id);
comment on table members is 'A user in a team.';

create table preset_additions (
	team_id text        not null constraint preset_additions_team_fkey references teams,
	at      timestamptz not null,
	added   integer     not null
);
create index preset_additions_team on preset_additions (team_id, at);
comment on table preset_additions is 'How many addresses were added to those that a sandbox may write to: they may change, but not all the time.';

alter table api_keys add column user_id text constraint api_keys_user_fkey references users;
alter table api_keys add column scopes text[] not null default '{}';
alter table api_keys add column expires_at timestamptz;
create index api_keys_user on api_keys (user_id) where user_id is not null;
comment on column api_keys.user_id is 'Whose key it is; null was made by the operator.';
comment on column api_keys.scopes is 'What it may be used for; empty means everything.';

alter table envelopes add column owner text not null default '';
create index envelopes_newest_of_owner on envelopes (team_id, owner, created_at desc, id desc);
comment on column envelopes.owner is 'The user, or the operator''s key, that made it.';

create table applications (
	id              text        not null constraint applications_pkey primary key,
	organisation_id text        not null constraint applications_organisation_fkey references organisations,
	user_id         text        not null constraint applications_user_fkey references users,
	status          text        not null constraint applications_status_known check (status in ('pending', 'approved', 'rejected')),
	created_at      timestamptz not null,
	decided_at      timestamptz,
	sealed          bytea       not null,
	constraint applications_decided_has_time check ((status = 'pending') = (decided_at is null))
);
create unique index applications_one_pending on applications (user_id) where status = 'pending';
create index applications_newest on applications (created_at desc, id desc);
comment on table applications is 'A user''s wish to use the API. sealed: what they wrote, and the reason of the decision.';

create table subscriptions (
	organisation_id   text        not null constraint subscriptions_pkey primary key constraint subscriptions_organisation_fkey references organisations,
	plan              text        not null,
	monthly_documents bigint      constraint subscriptions_limit_positive check (monthly_documents > 0),
	since             timestamptz not null,
	until             timestamptz
);
comment on table subscriptions is 'What a customer has paid for. monthly_documents: null is fair use; until: null goes on.';

create table usage (
	envelope_id     text        not null constraint usage_pkey primary key,
	organisation_id text        not null constraint usage_organisation_fkey references organisations,
	team_id         text        not null,
	at              timestamptz not null,
	documents       integer     not null,
	test            boolean     not null
);
create index usage_organisation on usage (organisation_id, at);
create index usage_team on usage (team_id, at);
comment on table usage is 'An envelope that was sent, counted in the transaction that sent it; it stays when the envelope is deleted.';

create table usage_months (
	organisation_id text   not null constraint usage_months_organisation_fkey references organisations,
	month           date   not null,
	documents       bigint not null,
	constraint usage_months_pkey primary key (organisation_id, month)
);
comment on table usage_months is 'Production documents of a calendar month (UTC), kept beside usage so that the limit is one comparison under one lock.';

create table requests (
	id       text        not null constraint requests_pkey primary key,
	team_id  text        not null,
	key_id   text        not null,
	user_id  text,
	at       timestamptz not null,
	method   text        not null,
	route    text        not null,
	status   integer     not null,
	took_ms  bigint      not null,
	problem  text        not null default ''
);
create index requests_newest on requests (team_id, id desc);
create index requests_oldest on requests (at);
comment on table requests is 'A call of the API: route and not path, code and not body. Kept for thirty days.';
