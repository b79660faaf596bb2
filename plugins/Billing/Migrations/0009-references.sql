-- What is billed and booked is only ever added to, so its references need no locks (host.refer). Indexes that only foreign keys with
-- more columns than a primary key had asked for go.
alter table billing.bill_run_item drop constraint bill_run_item_tenant_id_run_id_fkey;
alter table billing.transfer
  drop constraint transfer_tenant_id_journal_id_currency_fkey,
  drop constraint transfer_tenant_id_debit_account_currency_fkey,
  drop constraint transfer_tenant_id_credit_account_currency_fkey;
alter table billing.invoice
  drop constraint invoice_tenant_id_run_id_customer_id_fkey,
  drop constraint invoice_tenant_id_customer_id_currency_fkey,
  drop constraint invoice_tenant_id_id_currency_fkey;
alter table billing.invoice_number
  drop constraint invoice_number_tenant_id_series_fkey,
  drop constraint invoice_number_tenant_id_invoice_id_fkey,
  drop constraint invoice_number_tenant_id_series_previous_number_previous_h_fkey;
alter table billing.invoice_line drop constraint invoice_line_tenant_id_invoice_id_fkey;
alter table billing.invoice_tax drop constraint invoice_tax_tenant_id_invoice_id_line_no_fkey;
alter table billing.obligation drop constraint obligation_tenant_id_invoice_id_line_no_fkey;
alter table billing.ledger_account
  drop constraint ledger_account_tenant_id_customer_id_currency_fkey,
  drop constraint ledger_account_tenant_id_id_currency_key;
alter table billing.journal
  drop constraint journal_tenant_id_fkey, -- Its transfers have the tenant's accounts.
  drop constraint journal_tenant_id_id_currency_key;
alter table billing.invoice_number drop constraint invoice_number_tenant_id_series_number_hash_key;

select host.refer('billing.bill_run_item', '{tenant_id,run_id}', 'billing.bill_run', '{tenant_id,id}');
select host.refer('billing.ledger_account', '{tenant_id,customer_id,currency}', 'billing.account', '{tenant_id,customer_id,currency}');
select host.refer('billing.transfer', '{tenant_id,journal_id,currency}', 'billing.journal', '{tenant_id,id,currency}');
select host.refer('billing.transfer', '{tenant_id,debit_account,currency}', 'billing.ledger_account', '{tenant_id,id,currency}');
select host.refer('billing.transfer', '{tenant_id,credit_account,currency}', 'billing.ledger_account', '{tenant_id,id,currency}');
select host.refer('billing.invoice', '{tenant_id,run_id,customer_id}', 'billing.bill_run_item', '{tenant_id,run_id,customer_id}');
select host.refer('billing.invoice', '{tenant_id,customer_id,currency}', 'billing.account', '{tenant_id,customer_id,currency}');
select host.refer('billing.invoice', '{tenant_id,id,currency}', 'billing.journal', '{tenant_id,id,currency}');
select host.refer('billing.invoice_number', '{tenant_id,series}', 'billing.invoice_series', '{tenant_id,series}');
select host.refer('billing.invoice_number', '{tenant_id,invoice_id}', 'billing.invoice', '{tenant_id,id}');
select host.refer('billing.invoice_number', '{tenant_id,series,previous_number,previous_hash}',
  'billing.invoice_number', '{tenant_id,series,number,hash}');
select host.refer('billing.invoice_line', '{tenant_id,invoice_id}', 'billing.invoice', '{tenant_id,id}');
select host.refer('billing.invoice_tax', '{tenant_id,invoice_id,line_no}', 'billing.invoice_line', '{tenant_id,invoice_id,line_no}');
select host.refer('billing.obligation', '{tenant_id,invoice_id,line_no}', 'billing.invoice_line', '{tenant_id,invoice_id,line_no}');

-- A billed day is looked up among those of its component.
alter table billing.obligation
  drop constraint never_billed_twice,
  add constraint never_billed_twice exclude using gist (subscription_id with =, tenant_id with =, period with &&)
    where (sequence = 0 and component = 'recurring'),
  add constraint usage_never_billed_twice exclude using gist (subscription_id with =, tenant_id with =, period with &&)
    where (sequence = 0 and component = 'usage');
