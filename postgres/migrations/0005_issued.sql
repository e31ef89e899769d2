-- Whoever holds a file may ask whether it came from here. A digest in clear would let
-- whoever holds a copy of the database ask the reverse: where was this file signed?

-- +goose Up
create table issued (
	fingerprint bytea       not null constraint issued_pkey primary key,
	envelope_id text        not null constraint issued_envelope_fkey references envelopes on delete cascade,
	document_id text,
	number      bigint,
	at          timestamptz not null,
	constraint issued_revision_has_number check ((document_id is null) = (number is null))
);
create index issued_revision on issued (envelope_id, document_id, number);
comment on table issued is 'A file that this hub has given out: a revision of a document, or an audit trail when it is of none. fingerprint: keyed, of its digest.';
