-- One place that says what is to be done, for whom and when, over all tenants.

drop function host.tenants_with_events();
drop function host.tenants_with_jobs();
drop function host.tenants_with_wake_ups();

-- It holds ids and nothing else, so it has no row-level security, and one look finds everybody's work. It is an index: the rows that
-- it points to are the truth, and triggers on them keep it, in the transaction that makes the work due. No writer can forget it.
create table host.due (
  tenant_id   uuid not null,
  kind        text not null check (kind in ('event', 'job', 'actor')),
  plugin      text not null,
  name        text not null,               -- the event and its handler, the job, or the type of actor
  id          text not null,               -- of the event, the run or the actor
  part        int not null default -1,     -- the partition of a run; -1: the run itself
  at          timestamptz not null,        -- of what a node has taken: when its lease ends; infinity: never, it was given up
  ready       boolean not null,            -- its time has come, and no node has it
  node        uuid,                        -- the process that has taken it
  primary key (tenant_id, kind, plugin, name, id, part),
  check (not ready or node is null)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
create index on host.due (kind, plugin, name, tenant_id, at) where ready;
create index on host.due (at) where not ready;

create function host.is_due(
  tenant uuid, kind text, plugin text, name text, id text, part int, at timestamptz) returns void language sql as $$
  insert into host.due as d values ($1, $2, $3, $4, $5, $6, $7, $7 <= now())
  on conflict on constraint due_pkey do update set at = excluded.at, ready = excluded.ready, node = null
$$;

create function host.is_not_due(
  tenant uuid, kind text, plugin text, name text, id text, part int) returns void language sql as $$
  delete from host.due d
  where (d.tenant_id, d.kind, d.plugin, d.name, d.id, d.part) = ($1, $2, $3, $4, $5, $6)
$$;

-- Nodes look again soon by themselves; this tells them to look now. Equal messages of one transaction are sent once.
create function host.announce_due() returns trigger language plpgsql as $$
begin
  perform pg_notify('isphost', 'due');
  return null;
end $$;

-- Events. Each gets a delivery for every handler that wants it, in the transaction that publishes it.

drop trigger announce on host.outbox;
comment on column host.delivery.next_at is 'when it is to be tried; of a dead one, when it was given up';

create function host.deliver() returns trigger language plpgsql as $$
begin
  insert into host.delivery (tenant_id, event_id, plugin, handler, kind)
  select fresh.tenant_id, fresh.id, s.plugin, s.handler, s.kind from fresh join host.event_subscription s using (kind);
  return null;
end $$;
create trigger deliver after insert on host.outbox referencing new table as fresh for each statement execute function host.deliver();

-- By the statement, since a bill run publishes thousands at a time.
create function host.deliveries_are_due() returns trigger language plpgsql as $$
begin
  insert into host.due (tenant_id, kind, plugin, name, id, at, ready)
  select tenant_id, 'event', plugin, kind || ' ' || handler, event_id::text, case when dead then 'infinity' else next_at end,
         not dead and next_at <= now()
  from fresh where done_at is null;
  if found then
    perform pg_notify('isphost', 'due');
  end if;
  return null;
end $$;
create trigger due_at_first after insert on host.delivery referencing new table as fresh
  for each statement execute function host.deliveries_are_due();

create function host.delivery_is_due() returns trigger language plpgsql as $$
declare
  d host.delivery := coalesce(new, old);
begin
  if tg_op = 'DELETE' or d.done_at is not null then
    perform host.is_not_due(d.tenant_id, 'event', d.plugin, d.kind || ' ' || d.handler, d.event_id::text, -1);
  else
    perform host.is_due(d.tenant_id, 'event', d.plugin, d.kind || ' ' || d.handler, d.event_id::text, -1,
                        case when d.dead then 'infinity' else d.next_at end);
  end if;
  return null;
end $$;
create trigger due after update of next_at, done_at, dead or delete on host.delivery
  for each row execute function host.delivery_is_due();

create index on host.delivery (tenant_id, event_id) where done_at is null and error is not null;

-- Which version of a plugin its subscriptions are those of. One that starts late with an older one changes nothing.
create table host.event_subscriber (
  plugin      text primary key,
  version     text not null
);
insert into host.event_subscriber select distinct plugin, '0.0.0' from host.event_subscription;
alter table host.event_subscription add foreign key (plugin) references host.event_subscriber;

-- Runs of jobs. A run is due until it is laid out, and again when its last partition is done.

alter table host.job_run
  add column open int not null default 0,                        -- partitions that are not done
  add column next_at timestamptz not null default now(),
  add column failures int not null default 0;                    -- of the present step, in a row
alter table host.job_partition
  add column next_at timestamptz not null default now(),
  add column waits int not null default 0;                       -- how often in a row the job has said: later
drop index host.job_run_tenant_id_idx;

create function host.run_is_due() returns trigger language plpgsql as $$
declare
  r host.job_run := coalesce(new, old);
begin
  if tg_op = 'DELETE' or r.state <> 'running' then
    delete from host.due d where (d.tenant_id, d.kind, d.plugin, d.name, d.id) = (r.tenant_id, 'job', r.plugin, r.job, r.key);
  elsif r.open = 0 then
    perform host.is_due(r.tenant_id, 'job', r.plugin, r.job, r.key, -1, r.next_at);
  else
    perform host.is_not_due(r.tenant_id, 'job', r.plugin, r.job, r.key, -1);
  end if;
  return null;
end $$;
create trigger due after insert or update of state, open, next_at or delete on host.job_run
  for each row execute function host.run_is_due();
create trigger announce after insert on host.job_run for each row execute function host.announce_due();

create function host.partition_is_due() returns trigger language plpgsql as $$
declare
  p host.job_partition := coalesce(new, old);
begin
  if tg_op = 'DELETE' or p.done_at is not null then
    perform host.is_not_due(p.tenant_id, 'job', p.plugin, p.job, p.key, p.partition);
  else
    perform host.is_due(p.tenant_id, 'job', p.plugin, p.job, p.key, p.partition, p.next_at);
  end if;
  return null;
end $$;
create trigger due after insert or update of done_at, next_at or delete on host.job_partition
  for each row execute function host.partition_is_due();
create trigger announce after insert on host.job_partition for each row execute function host.announce_due();

-- Wake-ups of actors.

drop index host.actor_tenant_id_wake_at_idx;

create function host.actor_is_due() returns trigger language plpgsql as $$
declare
  a host.actor := coalesce(new, old);
begin
  if tg_op = 'DELETE' or a.wake_at is null then
    perform host.is_not_due(a.tenant_id, 'actor', a.plugin, a.type, a.id, -1);
  else
    perform host.is_due(a.tenant_id, 'actor', a.plugin, a.type, a.id, -1, a.wake_at);
  end if;
  return null;
end $$;
create trigger due after insert or update of wake_at or delete on host.actor for each row execute function host.actor_is_due();

-- What was due before there was a table of it. Row-level security binds an owner who is no superuser, so it goes tenant by tenant.
do $$
declare
  tenant uuid;
begin
  for tenant in select id from host.tenant loop
    perform set_config('app.tenant', tenant::text, true);
    insert into host.delivery (tenant_id, event_id, plugin, handler, kind)
    select o.tenant_id, o.id, s.plugin, s.handler, s.kind
    from host.outbox o join host.event_subscription s using (kind) where o.tenant_id = tenant and o.spread_at is null;
    perform host.is_due(tenant_id, 'event', plugin, kind || ' ' || handler, event_id::text, -1,
                        case when dead then 'infinity' else next_at end)
    from host.delivery where tenant_id = tenant and done_at is null;
    update host.job_run r set open = (
      select count(*) from host.job_partition p
      where (p.tenant_id, p.plugin, p.job, p.key) = (r.tenant_id, r.plugin, r.job, r.key) and p.done_at is null)
    where tenant_id = tenant;
    update host.job_partition p set next_at = now() from host.job_run r
    where p.tenant_id = tenant and (p.tenant_id, p.plugin, p.job, p.key) = (r.tenant_id, r.plugin, r.job, r.key)
      and r.state = 'running' and p.done_at is null;
    update host.actor set wake_at = wake_at where tenant_id = tenant and wake_at is not null;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;

-- Its index goes with it.
alter table host.outbox drop column spread_at;
