-- A parent team may be told by webhook what happens in the teams below it, when an
-- endpoint of its asks for that. Endpoints that were made before ask for nothing.

-- +goose Up
set local lock_timeout = '5s';

alter table endpoints add column children boolean not null default false;
comment on column endpoints.children is 'It is told of the teams below its own, too.';
