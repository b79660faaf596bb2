using IspHost.Testing;
using Npgsql;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Bad states that the database refuses, whoever tries to write them.</summary>
public sealed class RefusalTests(PostgresFixture postgres)
{
    public static TheoryData<string, string, string> Refused => new()
    {
        { "bill the same days again", "23P01", NewObligation("recurring") },
        { "bill usage of the same days again", "23P01", NewObligation("usage") },
        {
            "bill the same interval again", "23505", """
            insert into billing.obligation select * from billing.obligation limit 1
            """
        },
        {
            "a second invoice for one account in one run", "23505", """
            with j as (insert into billing.journal (tenant_id, id, kind, currency, effective_on)
              select tenant_id, '00000000-0000-0000-0000-000000000001', 'invoice', currency, issued_on from billing.invoice limit 1)
            insert into billing.invoice (tenant_id, id, customer_id, currency, run_id, attempt, period, tax_point, issued_on, due_on,
              net_minor, tax_minor, seller, buyer, content_hash)
            select tenant_id, '00000000-0000-0000-0000-000000000001', customer_id, currency, run_id, attempt, period, tax_point, issued_on,
              due_on, 1, 0, seller, buyer, content_hash from billing.invoice limit 1
            """
        },
        { "an invoice without a number", "23503", NewInvoice },
        {
            "leave a gap in the numbers", "23503", $"""
            {NewInvoice};
            insert into billing.invoice_number (tenant_id, series, number, invoice_id, previous_hash, hash)
            select tenant_id, series, last_number + 2, '00000000-0000-0000-0000-000000000001', last_hash, sha256('x')
            from billing.invoice_series
            """
        },
        {
            "break the chain of hashes", "23503", $"""
            {NewInvoice};
            insert into billing.invoice_number (tenant_id, series, number, invoice_id, previous_hash, hash)
            select tenant_id, series, last_number + 1, '00000000-0000-0000-0000-000000000001', sha256('forged'), sha256('x')
            from billing.invoice_series
            """
        },
        {
            "start the chain anew", "23514", $"""
            {NewInvoice};
            insert into billing.invoice_number (tenant_id, series, number, invoice_id, previous_hash, hash)
            select tenant_id, series, last_number + 1, '00000000-0000-0000-0000-000000000001', '', sha256('x') from billing.invoice_series
            """
        },
        {
            "give one invoice two numbers", "23505", """
            insert into billing.invoice_number (tenant_id, series, number, invoice_id, previous_hash, hash)
            select s.tenant_id, series, last_number + 1, (select id from billing.invoice limit 1), last_hash, sha256('x')
            from billing.invoice_series s
            """
        },
        { "move money from an account to itself", "23514", NewTransfer("debit_account, debit_account, 1", "currency") },
        { "move less than nothing", "23514", NewTransfer("debit_account, credit_account, -1", "currency") },
        { "mix currencies", "23503", NewTransfer("debit_account, credit_account, 1", "'USD'") },
        { "book on an account that is not there", "23503", NewTransfer("gen_random_uuid(), credit_account, 1", "currency") },
        {
            "tax a line that is not there", "23503", """
            insert into billing.invoice_tax
            select tenant_id, invoice_id, 77, tax_no, jurisdiction, name, category, rate_percent, base_minor, amount_minor, exemption
            from billing.invoice_tax limit 1
            """
        },
        { "book a fact twice", "23505", "insert into billing.journal select * from billing.journal limit 1" },
        { "change an invoice", "42501", "update billing.invoice set net_minor = 0" },
        { "change a line", "42501", "update billing.invoice_line set net_minor = 0" },
        { "change a tax", "42501", "update billing.invoice_tax set amount_minor = 0" },
        { "change a number", "42501", "update billing.invoice_number set number = number + 1" },
        { "delete an invoice", "42501", "delete from billing.invoice" },
        { "delete a number", "42501", "delete from billing.invoice_number" },
        { "change what was booked", "42501", "update billing.transfer set amount_minor = 1" },
        { "delete a journal", "42501", "delete from billing.journal" },
        { "change of which run an account is", "23001", "update billing.bill_run_item set run_id = gen_random_uuid()" },
        { "free days that were billed", "42501", "delete from billing.obligation" },
        { "empty the ledger", "42501", "truncate billing.transfer" },
        { "be done and have a reason", "23514", "update billing.bill_run_item set reason = 'x'" },
        { "be parked without a reason", "23514", "update billing.bill_run_item set state = 'parked'" },
        {
            "write for another tenant", "42501", """
            insert into billing.account (tenant_id, customer_id, currency) values (gen_random_uuid(), gen_random_uuid(), 'EUR')
            """
        },
    };

    const string NewInvoice = """
        insert into billing.journal (tenant_id, id, kind, currency, effective_on)
        select tenant_id, '00000000-0000-0000-0000-000000000001', 'invoice', currency, issued_on from billing.invoice limit 1;
        insert into billing.invoice (tenant_id, id, customer_id, currency, run_id, attempt, period, tax_point, issued_on, due_on, net_minor,
          tax_minor, seller, buyer, content_hash)
        select tenant_id, '00000000-0000-0000-0000-000000000001', customer_id, currency, run_id, 2, period, tax_point, issued_on, due_on,
          1, 0, seller, buyer, content_hash from billing.invoice limit 1
        """;

    [Theory, MemberData(nameof(Refused))]
    public async Task The_database_refuses_to(string tried, string state, string sql)
    {
        await using var world = await BilledAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => world.ExecuteAsync(sql));

        Assert.Equal((tried, state), (tried, refusal.SqlState));
    }

    [Fact]
    public async Task Another_tenant_sees_nothing_of_the_books()
    {
        await using var world = await BilledAsync();
        var other = await world.Database.AddTenantAsync("other");

        var seen = await world.Billing.OnConnectionAsync(other, (connection, stop) => connection.ReadAsync("""
            select (select count(*) from billing.invoice) + (select count(*) from billing.transfer)
              + (select count(*) from billing.obligation)
            """, [], row => row.GetInt64(0), stop), BillingWorld.Stop);

        Assert.Equal([0], seen);
    }

    async Task<BillingWorld> BilledAsync()
    {
        var world = await BillingWorld.OpenAsync(postgres);
        world.Shop.Sign(world.Shop.Register(), Terms.From(2026, 10, 1, usage: Terms.Metered()));
        await world.BillAsync("2026-10");
        return world;
    }

    /// <summary>A line more, for a day that is billed and some that are not, in a service whose contract is another.</summary>
    static string NewObligation(string component)
        => $"""
            with l as (
              insert into billing.invoice_line select tenant_id, invoice_id, 9, component, subscription_id, contract_version_id,
                description, period, quantity, unit, unit_price, numerator, denominator, net_minor, tax_class, rule, rule_hash,
                inputs_digest, explanation, bytes
              from billing.invoice_line where component = '{component}' returning *)
            insert into billing.obligation
            select tenant_id, subscription_id, component, daterange('2026-10-31', '2026-11-30'), 0, gen_random_uuid(), invoice_id, line_no
            from l
            """;

    static string NewTransfer(string accountsAndAmount, string currency)
        => $"""
            insert into billing.transfer (tenant_id, journal_id, line_no, currency, debit_account, credit_account, amount_minor)
            select tenant_id, journal_id, 9, {currency}, {accountsAndAmount} from billing.transfer limit 1
            """;
}
