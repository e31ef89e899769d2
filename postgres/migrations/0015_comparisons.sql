-- What came of comparing the records of a connection with their envelopes is kept.

-- +goose Up
set local lock_timeout = '5s';

alter table connections add column compared_at timestamptz, add column compared jsonb;
comment on column connections.compared is 'How many records say what was written, and how many do not; no words of anybody.';
