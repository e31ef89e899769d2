-- Passkeys and single sign-on: what is asked of a browser is kept here until it
-- answers, so that every answer is good once, whichever process gets it.

-- +goose Up
set local lock_timeout = '5s';

create table challenges (
	hash       bytea       not null constraint challenges_pkey primary key constraint challenges_hash_is_sha256 check (length(hash) = 32),
	purpose    text        not null,
	expires_at timestamptz not null,
	sealed     bytea       not null
);
create index challenges_expired on challenges (expires_at);
comment on table challenges is 'What a browser was asked, until it answers or some minutes are over. hash: of the token it brings with the answer; sealed: the question.';

create table identity_providers (
	organisation_id text        not null constraint identity_providers_pkey primary key constraint identity_providers_organisation_fkey references organisations,
	changed_at      timestamptz not null,
	sealed          bytea       not null
);
comment on table identity_providers is 'Where the people of an organisation sign in, when it has a place of its own for that. sealed: issuer, client id, client secret.';

create table identities (
	organisation_id text        not null constraint identities_organisation_fkey references organisations,
	subject         bytea       not null,
	user_id         text        not null constraint identities_user_fkey references users,
	since           timestamptz not null,
	constraint identities_pkey primary key (organisation_id, subject),
	constraint identities_one_of_a_user unique (user_id)
);
comment on table identities is 'Who a user is at their organisation''s provider. subject: keyed fingerprint of the issuer and its sub.';
