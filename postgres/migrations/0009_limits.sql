-- Documents are counted against a plan, and a production team needs one: customers
-- who have such a team already go on under fair use. A test clock is put forward
-- once for each wish. A delivery may have to wait for its turn. The release before
-- this one writes none of it, and all of it may be missing.

-- +goose Up
set local lock_timeout = '5s';

insert into subscriptions (organisation_id, plan, monthly_documents, since)
select organisation_id, 'fair use', null, min(created_at) from teams where kind = 'production' group by organisation_id
on conflict (organisation_id) do nothing;

create table clock_advances (
	id      text        not null constraint clock_advances_pkey primary key,
	team_id text        not null constraint clock_advances_team_fkey references teams,
	at      timestamptz not null,
	by      interval    not null constraint clock_advances_forward check (by > '0')
);
create index clock_advances_team on clock_advances (team_id, at);
comment on table clock_advances is 'A wish that has put the clock of a sandbox forward; it does so once.';
comment on column clock_advances.at is 'When it was asked, by the real clock.';
comment on column clock_advances.by is 'How far the clock was put forward.';
alter table clock_advances enable row level security;
create policy clock_advances_asked_for on clock_advances using (asked_for(team_id));

alter table deliveries add column waits_until timestamptz;
comment on column deliveries.waits_until is 'When a delivery that is not attempted yet has its turn, as far as is known; null is at once.';
