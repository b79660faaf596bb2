-- How long rows are kept, and how they go.

-- What is not kept for ever. A schema names here the function that lets go of its old rows: f(before timestamptz, most int) deletes
-- at most so many rows of the tenant of the transaction that are older than that and that nobody needs, and says how many.
create table host.retention (
  subject       text primary key check (subject ~ '^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$'),
  forget        text not null,
  days          int not null check (days between least_days and 36525),   -- the operator may change it
  least_days    int not null check (least_days >= 1),                     -- nobody keeps it for less
  reason        text not null,
  -- While a node goes round the tenants: when another one may take that one for lost.
  next_at       timestamptz not null default now(),
  passed_at     timestamptz,                                              -- when a round last found nothing more
  forgotten     bigint not null default 0                                 -- rows, ever
);
revoke insert, update, delete, truncate on host.retention from isphost_app;
grant update (days, next_at, passed_at, forgotten) on host.retention to isphost_app;

-- A tenant that keeps something for a shorter time than the operator would.
create table host.tenant_retention (
  tenant_id     uuid not null references host.tenant,
  subject       text not null references host.retention,
  days          int not null check (days >= 1),
  primary key (tenant_id, subject)
);
select host.protect('host.tenant_retention');

-- A function's name as it has to be written wherever it is called from.
create function host.name_of(function regprocedure) returns text language sql stable as $$
  select format('%I.%I', n.nspname, p.proname) from pg_proc p join pg_namespace n on n.oid = p.pronamespace where p.oid = $1
$$;

create function host.keep(subject text, forget regprocedure, days int, least_days int, reason text) returns void language sql as $$
  insert into host.retention (subject, forget, days, least_days, reason)
  values ($1, host.name_of($2), $3, $4, $5)
$$;
revoke all on function host.keep(text, regprocedure, int, int, text) from public;

-- The tenant of the transaction. Functions of the owner name it in every condition, since row-level security does not bind a superuser.
create function host.this_tenant() returns uuid language sql stable as $$
  select nullif(current_setting('app.tenant', true), '')::uuid
$$;

-- The least of the identities made at or after an instant: they begin with their time (RFC 9562, version 7), so a primary key is an
-- index of age, too.
create function host.id_at(at timestamptz) returns uuid language sql immutable as $$
  select (lpad(to_hex(greatest(0, floor(extract(epoch from at) * 1000))::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

-- Who bills usage names here a function of its own: f(subscription uuid, days daterange) says whether these days have been billed.
create table host.usage_biller (
  one           boolean primary key default true check (one),
  is_billed     text not null
);
revoke insert, update, delete, truncate on host.usage_biller from isphost_app;

create function host.bills_usage(is_billed regprocedure) returns void language sql as $$
  insert into host.usage_biller (is_billed) values (host.name_of($1))
  on conflict (one) do update set is_billed = excluded.is_billed
$$;
revoke all on function host.bills_usage(regprocedure) from public;

-- The tenant's services that owe something for their usage in these days and have not been billed. Without anybody who bills, all.
create function host.unbilled(days daterange) returns setof uuid language plpgsql stable as $$
declare
  biller text := (select is_billed from host.usage_biller);
  service record;
  billed boolean := false;
begin
  for service in
    select c.subscription_id, daterange(c.valid_from, c.valid_to) * days as served
    from host.contract_version c
    join host.subscription s on s.tenant_id = c.tenant_id and s.id = c.subscription_id
    join host.plan_version p on p.tenant_id = c.tenant_id and p.plan_id = c.plan_id and p.version = c.plan_version
    where c.tenant_id = host.this_tenant() and daterange(c.valid_from, c.valid_to) && days
      and s.activated_on is not null and p.usage_rule is not null
  loop
    if biller is not null then
      execute format('select %s($1, $2)', biller) into billed using service.subscription_id, service.served;
    end if;
    if billed is not true then
      return next service.subscription_id;
    end if;
  end loop;
end $$;

-- Days are the tenant's, and its zone is known to the application alone: a day more on either side has all that may be meant.
create function host.days_around(first timestamptz, last timestamptz) returns daterange language sql immutable as $$
  select daterange((first at time zone 'UTC')::date - 1, (last at time zone 'UTC')::date + 2)
$$;

-- Whether the tenant has usage of this time that is not old enough to go, or that somebody needs.
create function host.needs_usage(first timestamptz, last timestamptz, before timestamptz) returns boolean language sql stable as $$
  select exists (select from host.usage where tenant_id = host.this_tenant() and started_at >= first and started_at < last)
    and (last > before or exists (
      select from host.usage
      where tenant_id = host.this_tenant() and started_at >= first and started_at < last
        and subscription_id in (select host.unbilled(host.days_around(first, last)))))
$$;

-- How far back something of the tenant is kept.
create function host.kept_since(subject text, now timestamptz) returns timestamptz language sql stable as $$
  select $2 - make_interval(days => greatest(r.least_days, least(r.days, t.days)))
  from host.retention r left join host.tenant_retention t on t.tenant_id = host.this_tenant() and t.subject = r.subject
  where r.subject = $1
$$;

-- Whole months of usage go as partitions. This is for what cannot: a tenant that keeps less than others, or what lies among rows
-- that have to stay. It deletes whole months, too, or it would have deleted the half of each month before that month could go.
create function host.forget_usage(before timestamptz, most int) returns int language plpgsql security definer
set search_path = pg_catalog as $$
declare
  tenant uuid := host.this_tenant();
  kept uuid[];
  gone int;
begin
  before := date_trunc('month', before, 'UTC');
  if not exists (select from host.usage where tenant_id = tenant and started_at < before) then
    return 0;
  end if;
  kept := array(select distinct host.unbilled(host.days_around('-infinity', before)));
  with old as (
    select subscription_id, started_at, id from host.usage
    where tenant_id = tenant and started_at < before and subscription_id <> all (kept) limit most)
  delete from host.usage u using old
  where u.tenant_id = tenant and u.started_at < before
    and (u.subscription_id, u.started_at, u.id) = (old.subscription_id, old.started_at, old.id);
  get diagnostics gone = row_count;
  return gone;
end $$;

-- The months that have a partition of their own, the oldest first.
create function host.usage_months() returns setof date language sql stable as $$
  select to_date(right(c.relname, 7), 'YYYY_MM')
  from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'host.usage'::regclass and c.relname ~ '^usage_[0-9]{4}_[0-9]{2}$' order by 1
$$;

-- Lets go of a month. It waits for nobody: who asks does so again later.
create function host.drop_usage_month(month date) returns void language plpgsql security definer set search_path = pg_catalog as $$
begin
  if month > now() - make_interval(days => (select least_days from host.retention where subject = 'host.usage')) then
    raise exception 'the usage of % is too young to go', month using errcode = 'check_violation';
  end if;
  set local lock_timeout = '500ms';
  execute format('drop table if exists host.%I', 'usage_' || to_char(month, 'YYYY_MM'));
end $$;

-- Events that have been handled, with their deliveries. Those that nobody could handle stay as long as those are listed.
create function host.forget_events(before timestamptz, most int) returns int language plpgsql as $$
declare
  old uuid[] := array(
    select id from host.outbox o
    where o.tenant_id = host.this_tenant() and o.id < host.id_at(before)
      and not exists (select from host.delivery d where d.tenant_id = o.tenant_id and d.event_id = o.id and d.done_at is null)
    order by id limit most);
begin
  delete from host.delivery where tenant_id = host.this_tenant() and event_id = any (old);
  delete from host.outbox where tenant_id = host.this_tenant() and id = any (old);
  return cardinality(old);
end $$;

-- Deliveries that were given up, and then their events.
create function host.forget_dead_deliveries(before timestamptz, most int) returns int language plpgsql as $$
declare
  gone int;
begin
  delete from host.delivery d using (
    select event_id, plugin, handler from host.delivery
    where tenant_id = host.this_tenant() and dead and event_id < host.id_at(before) and next_at < before limit most) as old
  where d.tenant_id = host.this_tenant() and (d.event_id, d.plugin, d.handler) = (old.event_id, old.plugin, old.handler);
  get diagnostics gone = row_count;
  return gone;
end $$;

create function host.forget_audit(before timestamptz, most int) returns int language plpgsql security definer
set search_path = pg_catalog as $$
declare
  tenant uuid := host.this_tenant();
  gone int;
begin
  delete from host.audit a using (
    select id from host.audit where tenant_id = tenant and id < host.id_at(before) order by id limit most) as old
  where a.tenant_id = tenant and a.id = old.id;
  get diagnostics gone = row_count;
  return gone;
end $$;

create function host.forget_job_runs(before timestamptz, most int) returns int language plpgsql as $$
declare
  gone int;
begin
  with old as (
    select plugin, job, key from host.job_run
    where tenant_id = host.this_tenant() and state <> 'running' and finished_at < before limit most for update skip locked),
  partitions as (
    delete from host.job_partition p using old
    where p.tenant_id = host.this_tenant() and (p.plugin, p.job, p.key) = (old.plugin, old.job, old.key))
  delete from host.job_run r using old
  where r.tenant_id = host.this_tenant() and (r.plugin, r.job, r.key) = (old.plugin, old.job, old.key);
  get diagnostics gone = row_count;
  return gone;
end $$;

-- Answers to requests with a key, when nobody gets them any more, and those of the operator with them.
create function host.forget_answers(before timestamptz, most int) returns int language plpgsql as $$
declare
  gone int;
begin
  before := least(before, now());  -- Answers expire by the real time, and a tenant's clock may be ahead of it.
  delete from host.operator_idempotency where expires_at < before;
  delete from host.idempotency i using (
    select key from host.idempotency where tenant_id = host.this_tenant() and expires_at < before limit most) as old
  where i.tenant_id = host.this_tenant() and i.key = old.key;
  get diagnostics gone = row_count;
  return gone;
end $$;

-- What the operator has done is no tenant's, so neither a tenant's clock nor its wish makes it go earlier. It goes with the first tenant
-- that is looked at.
create function host.forget_operator_audit(before timestamptz, most int) returns int language plpgsql security definer
set search_path = pg_catalog as $$
declare
  gone int;
begin
  before := least(before, now() - make_interval(days => (select days from host.retention where subject = 'host.operator_audit')));
  delete from host.operator_audit a using (
    select id from host.operator_audit where id < host.id_at(before) order by id limit most) as old
  where a.id = old.id;
  get diagnostics gone = row_count;
  return gone;
end $$;

revoke all on function host.drop_usage_month(date) from public;
grant execute on function host.drop_usage_month(date) to isphost_app;
revoke all on function host.forget_usage(timestamptz, int), host.forget_audit(timestamptz, int),
  host.forget_operator_audit(timestamptz, int) from public;
grant execute on function host.forget_usage(timestamptz, int), host.forget_audit(timestamptz, int),
  host.forget_operator_audit(timestamptz, int) to isphost_app;

-- A bill run compares what it billed of an interval with the usage that it finds until three months after the interval, which may have
-- a year. So usage is never younger than this when it goes.
select host.keep('host.usage', 'host.forget_usage(timestamptz, int)', 550, 460,
  'What a bill was worked out from: as long as it may be disputed, and for comparing with the year before. What has not been billed stays.');
select host.keep('host.outbox', 'host.forget_events(timestamptz, int)', 30, 1,
  'Events that have been handled: for looking into what went wrong.');
select host.keep('host.delivery', 'host.forget_dead_deliveries(timestamptz, int)', 90, 7,
  'Deliveries that were given up: for as long as somebody may want to have them made again.');
select host.keep('host.audit', 'host.forget_audit(timestamptz, int)', 1096, 365,
  'Who did what: until claims are out of time, which is three years in most of Europe.');
select host.keep('host.operator_audit', 'host.forget_operator_audit(timestamptz, int)', 1096, 365,
  'What the operator did: until claims are out of time, as for tenants.');
select host.keep('host.job_run', 'host.forget_job_runs(timestamptz, int)', 400, 30,
  'Long work that has ended: a year, to compare with the same month before.');
select host.keep('host.idempotency', 'host.forget_answers(timestamptz, int)', 1, 1,
  'Answers to requests that may be repeated: a day after they were given for the last time.');
