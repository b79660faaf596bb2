-- Whether usage of all of these days has been billed.
create function billing.is_billed(subscription uuid, days daterange) returns boolean language sql stable as $$
  select coalesce(range_agg(period) @> $2, false) from billing.obligation
  where tenant_id = host.this_tenant() and subscription_id = $1 and component = 'usage' and period && $2
$$;
select host.bills_usage('billing.is_billed(uuid, daterange)');

create index document_age on billing.document (tenant_id, created_at);

-- What a customer owes, in the currency's smallest unit.
create function billing.owed(customer uuid, currency char(3)) returns numeric language sql stable as $$
  select coalesce(sum(moved.amount), 0) from billing.ledger_account a cross join lateral (
    select amount_minor as amount from billing.transfer t where t.tenant_id = a.tenant_id and t.debit_account = a.id
    union all
    select -amount_minor from billing.transfer t where t.tenant_id = a.tenant_id and t.credit_account = a.id) moved
  where a.tenant_id = host.this_tenant() and a.customer_id = $1 and a.currency = $2 and a.code = 'receivable'
$$;

-- What a customer owes money on stays. Invoices themselves are the books, and their chain has no holes: they are not let go of.
create function billing.forget_documents(before timestamptz, most int) returns int language plpgsql security definer
set search_path = pg_catalog as $$
declare
  tenant uuid := host.this_tenant();
  old uuid[] := array(
    select d.invoice_id from billing.document d join billing.invoice i on i.tenant_id = d.tenant_id and i.id = d.invoice_id
    where d.tenant_id = tenant and d.created_at < before and billing.owed(i.customer_id, i.currency) = 0
    order by d.created_at limit most);
begin
  delete from billing.delivery where tenant_id = tenant and invoice_id = any (old);
  delete from billing.document where tenant_id = tenant and invoice_id = any (old);
  return cardinality(old);
end $$;
revoke all on function billing.forget_documents(timestamptz, int) from public;
grant execute on function billing.forget_documents(timestamptz, int) to isphost_app;

select host.keep('billing.document', 'billing.forget_documents(timestamptz, int)', 4018, 1826,
  'Invoices as they were sent: ten years from the end of the year, the longest term in Europe. What is not paid stays.');
