-- Work of plugins that the host looks after: runs of jobs, and the state of actors.

create table host.job_run (
  tenant_id   uuid not null references host.tenant,
  plugin      text not null,
  job         text not null,
  key         text not null check (length(key) between 1 and 200),
  argument    text not null check (length(argument) <= 1000),
  state       text not null default 'running' check (state in ('running', 'done', 'failed')),
  partitions  int not null default 0 check (partitions between 0 and 64),
  error       text,
  started_at  timestamptz not null default now(),
  finished_at timestamptz,
  primary key (tenant_id, plugin, job, key),
  check ((state = 'running') = (finished_at is null))
);
create index on host.job_run (tenant_id) where state = 'running';
select host.protect('host.job_run');

create table host.job_partition (
  tenant_id   uuid not null,
  plugin      text not null,
  job         text not null,
  key         text not null,
  partition   int not null check (partition >= 0),
  done_at     timestamptz,
  failures    int not null default 0,      -- of the present piece, in a row
  error       text,                        -- why the last attempt failed
  primary key (tenant_id, plugin, job, key, partition),
  foreign key (tenant_id, plugin, job, key) references host.job_run
);
select host.protect('host.job_partition');

-- The tenants that have runs going on. Row-level security binds the host too, so it looks tenant by tenant.
create function host.tenants_with_jobs() returns setof uuid language plpgsql as $$
declare
  tenant uuid;
begin
  for tenant in select id from host.tenant loop
    perform set_config('app.tenant', tenant::text, true);
    if exists (select from host.job_run where tenant_id = tenant and state = 'running') then
      return next tenant;
    end if;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- Each change of an actor takes a new number, so one that ended and began anew never matches what an old turn has read.
create sequence host.actor_etag;

create table host.actor (
  tenant_id     uuid not null references host.tenant,
  plugin        text not null,
  type          text not null,
  id            text not null check (length(id) between 1 and 200),
  etag          bigint not null default nextval('host.actor_etag'),
  state_schema  text not null,
  state_version int not null,
  state         bytea not null,
  wake_at       timestamptz,
  wake_schema   text,
  wake_version  int,
  wake_message  bytea,
  wake_failures int not null default 0,
  wake_error    text,                      -- why the last attempt failed
  primary key (tenant_id, plugin, type, id),
  check ((wake_at is null) = (wake_message is null))
);
create index on host.actor (tenant_id, wake_at) where wake_at is not null;
select host.protect('host.actor');

-- The tenants that have actors whose time has come.
create function host.tenants_with_wake_ups() returns setof uuid language plpgsql as $$
declare
  tenant uuid;
begin
  for tenant in select id from host.tenant loop
    perform set_config('app.tenant', tenant::text, true);
    if exists (select from host.actor where tenant_id = tenant and wake_at <= now()) then
      return next tenant;
    end if;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;
