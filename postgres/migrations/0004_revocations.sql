-- What the hub's own authorities have revoked. No certificate is ever taken off.

-- +goose Up
create table revocations (
	issuer text        not null,
	serial text        not null,
	at     timestamptz not null,
	reason integer     not null,
	constraint revocations_pkey primary key (issuer, serial)
);
comment on table revocations is 'A certificate that a CA of the hub has revoked. issuer: the CA''s key identifier; serial: hexadecimal; reason: RFC 5280, 5.3.1.';

create table revocation_lists (
	issuer text   not null constraint revocation_lists_pkey primary key,
	number bigint not null
);
comment on table revocation_lists is 'The number of the last list that a CA has signed.';
