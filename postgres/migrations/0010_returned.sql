-- Letters that come back. When is told in clear, for whoever looks after the hub;
-- why, and whether somebody complained, is in the recipient's sealed words. The
-- release before this one writes neither column and leaves both as they are.

-- +goose Up
set local lock_timeout = '5s';

alter table recipients add column bounced_at timestamptz;
comment on column recipients.bounced_at is 'Since when letters to this address come back; null when they arrive, as far as is known.';

alter table letters add column about_id text;
comment on column letters.about_id is 'The recipient that a letter to the sender is about, if it is about one.';
