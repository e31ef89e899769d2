-- A signature or a seal that cannot be timestamped yet is kept, and the envelope says
-- what it waits for. The release before this one never writes the new words, and
-- leaves the new column as it is.

-- +goose Up
set local lock_timeout = '5s';
alter table recipients drop constraint recipients_status_known;
alter table recipients add constraint recipients_status_known check (status in ('waiting', 'released', 'signing', 'signed', 'approved', 'viewed', 'declined', 'delegated', 'excused', 'copied'));
alter table envelopes add column awaits text not null default '' constraint envelopes_awaits_known check (awaits in ('', 'timestamp', 'evidence'));
comment on column envelopes.awaits is 'What the seal waits for.';
