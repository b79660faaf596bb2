-- Work of plugins that the host looks after: runs of jobs, and the state of actors.

create table host.job_run (
  tenant_id   uuid not null references host.tenant,
  plugin      text not null,
  job         text not null,
  key         text not null,
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
  error       text,
  primary key (tenant_id, plugin, job, key, partition),
  foreign key (tenant_id, plugin, job, key) references host.job_run
);
select host.protect('host.job_partition');

create table host.actor (
  tenant_id     uuid not null references host.tenant,
  plugin        text not null,
  type          text not null,
  id            text not null check (length(id) between 1 and 200),
  etag          bigint not null,
  state_schema  text not null,
  state_version int not null,
  state         bytea not null,
  wake_at       timestamptz,
  wake_schema   text,
  wake_version  int,
  wake_message  bytea,
  primary key (tenant_id, plugin, type, id),
  check ((wake_at is null) = (wake_message is null))
);
create index on host.actor (tenant_id, wake_at) where wake_at is not null;
select host.protect('host.actor');
