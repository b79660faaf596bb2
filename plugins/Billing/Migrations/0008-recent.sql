-- The runs of all tenants, the latest first, for the operator, who is above tenants. It has identities only, and so no row-level security.
create table billing.recent_run (
  tenant_id uuid not null,
  run_id uuid not null,
  noted_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, run_id)
);
create index on billing.recent_run (noted_at);
revoke update, delete, truncate on billing.recent_run from isphost_app;

do $$
declare
  tenant uuid;
begin
  for tenant in select id from host.tenant loop
    perform set_config('app.tenant', tenant::text, true);
    insert into billing.recent_run select tenant_id, id, started_at from billing.bill_run where tenant_id = tenant;
  end loop;
  perform set_config('app.tenant', '', true);
end $$;
