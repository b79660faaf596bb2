-- What Orleans 10 keeps in PostgreSQL: who is in the cluster, and reminders. Its provider fixes one thing, a relation
-- "orleansquery" of keys and statements found through the search path; the rest is ours. The statements name their schema.

create table orleans.cluster (
  cluster_id  text primary key,
  version     int not null default 0       -- every change of membership must hand in this number, and raises it
);

create table orleans.silo (
  cluster_id    text not null references orleans.cluster on delete cascade,
  address       text not null,
  port          int not null,
  generation    int not null,              -- tells two starts on one endpoint apart
  name          text not null,
  host          text not null,
  status        int not null check (status between 0 and 6),   -- 3 is active, 6 is dead
  gateway_port  int not null,              -- 0: none
  suspicions    text,
  started_at    timestamptz not null,
  alive_at      timestamptz not null,
  primary key (cluster_id, address, port, generation)
);

-- An etag comes from a sequence, so a reminder that was removed and made again never matches an old one.
create sequence orleans.reminder_etag as int cycle;

create table orleans.reminder (
  service_id  text not null,
  grain_id    text not null,
  name        text not null,
  grain_hash  int not null,                -- unsigned in Orleans: the same 32 bits as a signed number
  due_at      timestamptz not null,
  period_ms   bigint not null check (period_ms >= 0),
  etag        int not null default nextval('orleans.reminder_etag'),
  primary key (service_id, grain_id, name)
);
create index on orleans.reminder (service_id, grain_hash);

create table orleans.orleansquery (querykey text primary key, querytext text not null);

-- Membership. A read gives at least the cluster's row; a null StartTime says that there is no silo.
insert into orleans.orleansquery values
('MembershipReadAllKey', $$
  select c.version, s.address, s.port, s.generation, s.name as siloname, s.host as hostname, s.status, s.gateway_port as proxyport,
         s.suspicions as suspecttimes, s.started_at as starttime, s.alive_at as iamalivetime
  from orleans.cluster c left join orleans.silo s on s.cluster_id = c.cluster_id
  where c.cluster_id = @DeploymentId
$$),
('MembershipReadRowKey', $$
  select c.version, s.address, s.port, s.generation, s.name as siloname, s.host as hostname, s.status, s.gateway_port as proxyport,
         s.suspicions as suspecttimes, s.started_at as starttime, s.alive_at as iamalivetime
  from orleans.cluster c
  left join orleans.silo s on s.cluster_id = c.cluster_id
    and s.address = @Address and s.port = @Port and s.generation = @Generation
  where c.cluster_id = @DeploymentId
$$),
('GatewaysQueryKey', $$
  select address, gateway_port as proxyport, generation from orleans.silo
  where cluster_id = @DeploymentId and status = @Status and gateway_port > 0
$$),
('InsertMembershipVersionKey', $$
  with new as (insert into orleans.cluster (cluster_id) values (@DeploymentId) on conflict do nothing returning 1)
  select exists (select from new)
$$),
-- The update of the cluster's row comes first and locks it. Who comes second with the same version finds it raised, gets no row,
-- and so writes nothing.
('InsertMembershipKey', $$
  with won as (
    update orleans.cluster set version = version + 1
    where cluster_id = @DeploymentId and version = @Version and not exists (
      select from orleans.silo
      where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
    returning cluster_id
  ), new as (
    insert into orleans.silo (cluster_id, address, port, generation, name, host, status, gateway_port, started_at, alive_at)
    select cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime from won
    returning 1
  )
  select exists (select from new)
$$),
('UpdateMembershipKey', $$
  with won as (
    update orleans.cluster set version = version + 1
    where cluster_id = @DeploymentId and version = @Version and exists (
      select from orleans.silo
      where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation)
    returning cluster_id
  ), changed as (
    update orleans.silo s set status = @Status, suspicions = @SuspectTimes, alive_at = @IAmAliveTime
    from won
    where s.cluster_id = won.cluster_id and s.address = @Address and s.port = @Port and s.generation = @Generation
    returning 1
  )
  select exists (select from changed)
$$),
('UpdateIAmAlivetimeKey', $$
  update orleans.silo set alive_at = @IAmAliveTime
  where cluster_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$$),
('CleanupDefunctSiloEntriesKey', $$
  delete from orleans.silo where cluster_id = @DeploymentId and status <> 3 and alive_at < @IAmAliveTime
$$),
('DeleteMembershipTableEntriesKey', $$
  delete from orleans.cluster where cluster_id = @DeploymentId
$$);

-- Reminders. A range of the hash ring leaves its beginning out; range 2 runs over the ring's seam, and equal ends are all of it.
insert into orleans.orleansquery values
('ReadReminderRowsKey', $$
  select grain_id as grainid, name as remindername, due_at as starttime, period_ms as period, etag as version
  from orleans.reminder where service_id = @ServiceId and grain_id = @GrainId
$$),
('ReadReminderRowKey', $$
  select grain_id as grainid, name as remindername, due_at as starttime, period_ms as period, etag as version
  from orleans.reminder where service_id = @ServiceId and grain_id = @GrainId and name = @ReminderName
$$),
('ReadRangeRows1Key', $$
  select grain_id as grainid, name as remindername, due_at as starttime, period_ms as period, etag as version
  from orleans.reminder where service_id = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$$),
('ReadRangeRows2Key', $$
  select grain_id as grainid, name as remindername, due_at as starttime, period_ms as period, etag as version
  from orleans.reminder where service_id = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$$),
('UpsertReminderRowKey', $$
  insert into orleans.reminder as r (service_id, grain_id, name, grain_hash, due_at, period_ms)
  values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period)
  on conflict (service_id, grain_id, name) do update
    set grain_hash = excluded.grain_hash, due_at = excluded.due_at, period_ms = excluded.period_ms, etag = excluded.etag
  returning r.etag as version
$$),
('DeleteReminderRowKey', $$
  with gone as (
    delete from orleans.reminder
    where service_id = @ServiceId and grain_id = @GrainId and name = @ReminderName and etag = @Version
    returning 1
  )
  select exists (select from gone)
$$),
('DeleteReminderRowsKey', $$
  delete from orleans.reminder where service_id = @ServiceId
$$);

-- Who can write the statements decides what the nodes run.
revoke insert, update, delete on orleans.orleansquery from isphost_app;
revoke delete on orleans.cluster from isphost_app;
