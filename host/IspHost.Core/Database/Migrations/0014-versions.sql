-- The versions of the API, which version each key asks for, and who still calls what is to end.

create table host.api_versions (
  version        date primary key,
  state          text not null check (state in ('preview', 'current', 'deprecated')),
  released_on    date,
  deprecated_on  date,
  sunset_on      date,                     -- from this day on it is refused
  check ((state = 'preview') = (released_on is null)),
  check ((state = 'deprecated') = (deprecated_on is not null)),
  check (deprecated_on >= released_on),
  check (sunset_on is null or (deprecated_on is not null and sunset_on > deprecated_on))
);
-- What is asked for by who names none.
create unique index api_versions_current on host.api_versions (state) where state = 'current';
insert into host.api_versions (version, state, released_on) values
  ('2026-11-01', 'current', '2026-11-01'),
  ('2027-06-01', 'preview', null);
-- A version is part of the code; the application may say how it stands.
revoke insert, delete, truncate on host.api_versions from isphost_app;

alter table host.change drop constraint change_subject_check;
alter table host.change add constraint change_subject_check
  check (subject in ('tenant', 'nas_device', 'subscriber', 'feature_flag', 'api_version'));
create trigger note_update after update on host.api_versions referencing new table as changed
  for each statement execute function host.note_changes('api_version', 'null::uuid', 'null::uuid');

-- The version that a key asks for where a request names none: the current one when it was made, until its owner moves it on.
alter table host.api_key add column api_version date not null default '2026-11-01' references host.api_versions;
alter table host.api_key alter api_version drop default;
alter table host.operator_key add column api_version date not null default '2026-11-01' references host.api_versions;
alter table host.operator_key alter api_version drop default;

-- Customers are listed by name as well.
create index on host.customer (tenant_id, name, portal_id);

-- Calls of versions that are to end: for the operator, who is above tenants, so it has no tenant_id and no policy. A row for each key and
-- operation, so that it does not grow with the calls.
create table host.api_version_call (
  version        date not null references host.api_versions,
  key_prefix     text not null,
  operation      text not null,
  tenant         uuid references host.tenant,   -- null: the operator, who named none
  calls          bigint not null check (calls > 0),
  first_at       timestamptz not null,
  last_at        timestamptz not null,
  primary key (version, key_prefix, operation)
);
revoke delete, truncate on host.api_version_call from isphost_app;
