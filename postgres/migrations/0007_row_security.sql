-- The second net under every query: a connection that works for a request from
-- outside sees only the rows of the teams that it was bound to (see guard.go). One
-- that says nothing is the release before this one, and sees everything as before.

-- +goose Up
set local lock_timeout = '5s';

-- Without a sub-select, so that the planner can put it in place of its call.
create function asked_for(team text) returns boolean
	stable parallel safe language sql
	return coalesce(current_setting('chancery.teams', true), '*') = '*'
	    or team = any (string_to_array(current_setting('chancery.teams', true), ','));
comment on function asked_for is 'Whether the connection works for that team, or for the hub itself.';

alter table teams enable row level security;
create policy teams_asked_for on teams using (asked_for(id));

alter table api_keys enable row level security;
create policy api_keys_asked_for on api_keys using (asked_for(team_id));

alter table documents enable row level security;
create policy documents_asked_for on documents using (asked_for(team_id));

alter table envelopes enable row level security;
create policy envelopes_asked_for on envelopes using (asked_for(team_id));

alter table recipients enable row level security;
create policy recipients_asked_for on recipients using (asked_for(team_id));

alter table changes enable row level security;
create policy changes_asked_for on changes using (asked_for(team_id));

alter table acts enable row level security;
create policy acts_asked_for on acts using (asked_for(team_id));

alter table revisions enable row level security;
create policy revisions_asked_for on revisions using (asked_for(team_id));

alter table events enable row level security;
create policy events_asked_for on events using (asked_for(team_id));

alter table endpoints enable row level security;
create policy endpoints_asked_for on endpoints using (asked_for(team_id));

alter table deliveries enable row level security;
create policy deliveries_asked_for on deliveries using (asked_for(team_id));

alter table attempts enable row level security;
create policy attempts_asked_for on attempts using (asked_for(team_id));

alter table letters enable row level security;
create policy letters_asked_for on letters using (asked_for(team_id));

alter table idempotency_keys enable row level security;
create policy idempotency_keys_asked_for on idempotency_keys using (asked_for(team_id));

alter table audit_events enable row level security;
create policy audit_events_asked_for on audit_events using (asked_for(team_id));

alter table audit_persons enable row level security;
create policy audit_persons_asked_for on audit_persons using (asked_for(team_id));

alter table members enable row level security;
create policy members_asked_for on members using (asked_for(team_id));

alter table preset_additions enable row level security;
create policy preset_additions_asked_for on preset_additions using (asked_for(team_id));

alter table usage enable row level security;
create policy usage_asked_for on usage using (asked_for(team_id));

alter table requests enable row level security;
create policy requests_asked_for on requests using (asked_for(team_id));
