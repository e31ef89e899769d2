-- A change that is stored but not announced within moments means that the engine
-- lost the step that made it: whoever starts next wakes that envelope.

-- +goose Up
set local lock_timeout = '5s';
alter table changes add column announced boolean not null default true;
alter table changes alter column announced set default false;
create index changes_not_announced on changes (at) where not announced;
comment on column changes.announced is 'Its letters and hooks have been tried, or handed to branches of their own.';
