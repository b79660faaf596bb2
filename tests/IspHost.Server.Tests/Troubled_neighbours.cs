using System.Collections.Concurrent;
using System.Text.Json;
using IspHost.Plugins.Notify.Smtp.Tests;
using IspHost.Testing;
using NodaTime;
using Npgsql;

namespace IspHost.Server.Tests;

/// <summary>Providers on one node, some of them with a trouble each, and the others without any.</summary>
[TakesLong]
public sealed class Troubled_neighbours(PostgresFixture postgres) : IAsyncDisposable
{
    const int HealthyOnes = 9;
    const int OpenSessions = Neighbour.Customers * 17_000;

    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-neighbours-{Environment.ProcessId}");
    readonly SmtpSink mail = new()
    {
        HangsOn = "hanging-",
        RecipientAnswers = { ["unwanted-"] = "550 5.7.1 This sender is not wanted here." },
    };
    readonly ConcurrentBag<Neighbour> everybody = [];
    ServerProcess server = null!;
    NpgsqlDataSource database = null!;
    List<Neighbour> healthy = null!;
    Neighbour untaxed = null!, unwanted = null!, hanging = null!, costly = null!, unreadable = null!, restarting = null!;

    static readonly Instant RestartedAt = Provider.At(2026, 10, 20, 12);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await mail.DisposeAsync();
        foreach (var neighbour in everybody)
            neighbour.Dispose();
        if (server is not null)
            await server.DisposeAsync();
        if (database is not null)
            await database.DisposeAsync();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Keep_no_login_record_invoice_or_mail_from_the_others_and_have_theirs_once_their_trouble_is_mended()
    {
        await StartAsync();
        await MoveInAsync();
        var lost = await SpoilAsync();
        await RestartWhileOthersPlayAsync();
        await BillWhileOthersPlayAsync();

        await AssertHealthyAsync();
        await AssertTroublesAreSeenAsync();
        await MendAsync(lost);
    }

    async Task StartAsync()
    {
        var connection = await postgres.CreateEmptyAsync();
        database = NpgsqlDataSource.Create(connection);
        server = await ServerProcess.StartAsync(folder, connection, new Dictionary<string, string>
        {
            ["Plugins__Notify.Smtp__Host"] = "127.0.0.1",
            ["Plugins__Notify.Smtp__Port"] = $"{mail.Port}",
            ["Plugins__Notify.Smtp__Security"] = "none",
        });
    }

    async Task MoveInAsync()
    {
        // A few at a time: each has a script checked, by one compiler.
        var arriving = Parallel.ForAsync(1, HealthyOnes + 1, new ParallelOptions { MaxDegreeOfParallelism = 3, CancellationToken = Stop },
            async (number, _) => await MoveInAsync($"healthy-{number}", (byte)number));
        untaxed = await MoveInAsync("untaxed", 101);
        unwanted = await MoveInAsync("unwanted", 102);
        hanging = await MoveInAsync("hanging", 103);
        costly = await MoveInAsync("costly", 104, """
            var sum = 0m;
            for (var i = 0; i < 1_500_000; i++)
                sum += i % 7;
            return sum;
            """);
        unreadable = await MoveInAsync("unreadable", 105);
        restarting = await MoveInAsync("restarting", 106);
        await arriving;
        healthy = [.. everybody.Except([untaxed, unwanted, hanging, costly, unreadable, restarting])];
        await Task.WhenAll(everybody.Select(neighbour => neighbour.BecomeKnownAsync()));
    }

    async Task<Neighbour> MoveInAsync(string code, byte number, string script = "return Quantity * Rate;")
    {
        var neighbour = await Neighbour.MoveInAsync(server, code, number, script);
        everybody.Add(neighbour);
        return neighbour;
    }

    /// <summary>A tax class from before plans were asked for theirs, passwords of another key, and sessions that were not played.</summary>
    /// <returns>The passwords as they were.</returns>
    async Task<Dictionary<Guid, byte[]>> SpoilAsync()
    {
        var passwords = new Dictionary<Guid, byte[]>();
        await using (var read = database.CreateCommand($"select id, password from host.subscription where {Of(unreadable)}"))
        await using (var rows = await read.ExecuteReaderAsync(Stop))
        {
            while (await rows.ReadAsync(Stop))
                passwords.Add(rows.GetGuid(0), rows.GetFieldValue<byte[]>(1));
        }
        await ExecuteAsync($"""
            update host.plan_version set tax_class = 'telecom' where {Of(untaxed)};
            update host.subscription set password = '\x00' where {Of(unreadable)};
            insert into radius.session (tenant_id, id, nas_id, acct_session_id, user_name, incarnation, subscription_id, started_at,
              begin_known, last_at, counted_at, session_seconds, octets_up, octets_down, counter_flags)
            select d.tenant_id, gen_random_uuid(), d.id, convert_to('open-' || i, 'UTF8'), convert_to(s.user_name, 'UTF8'), 1, s.id,
              '{Provider.At(2026, 10, 20, 11)}', true, t, t, 3000, 0, 0, 3
            from host.nas_device d join host.subscription s using (tenant_id), generate_series(1, {OpenSessions / Neighbour.Customers}) i,
              (values (timestamptz '{RestartedAt}' - interval '10 minutes')) v (t)
            where d.{Of(restarting)}
            """);
        await EventuallyAsync(async () => await unreadable.PlayAsync(Provider.At(2026, 10, 20, 10)) == 0);
        return passwords;
    }

    /// <summary>The device with many sessions begins anew, and they are closed while the others go on.</summary>
    async Task RestartWhileOthersPlayAsync()
    {
        var playing = healthy.Select(neighbour => neighbour.PlayOctoberAsync(times: 10)).ToArray();
        Assert.True(await restarting.RestartAsync(RestartedAt));
        Assert.All(await Task.WhenAll(playing), refused => Assert.Equal(0, refused));
        Assert.All(healthy, neighbour => Assert.Equal(0, neighbour.Lost));
    }

    async Task BillWhileOthersPlayAsync()
    {
        await costly.PlayOctoberAsync(times: 1);
        await Task.WhenAll(everybody.Except([restarting]).Select(neighbour => neighbour.EndMonthAsync()));
        using var enough = new CancellationTokenSource();
        var billing = everybody.Except([restarting]).Select(neighbour => neighbour.BillAsync()).ToArray();
        var playing = healthy.Select(neighbour => neighbour.PlayNovemberAsync(enough.Token)).ToArray();

        await Task.WhenAll(billing);
        await EventuallyAsync(async () => OpenSessions == await CountAsync(
            $"select count(*) from radius.session where stopped_at = '{RestartedAt}' and end_reason = 1 and {Of(restarting)}"));
        await restarting.EndMonthAsync();
        await restarting.BillAsync();
        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(playing), refused => Assert.Equal(0, refused));
    }

    async Task AssertHealthyAsync()
    {
        foreach (var neighbour in healthy)
        {
            Assert.Equal(0, neighbour.Lost);
            var counted = $"select sum(bytes_up + bytes_down)::bigint from host.usage where {Of(neighbour)}";
            Assert.Equal(neighbour.Bytes, await CountAsync(counted));
            Assert.Equal(neighbour.ExpectedInvoices(), await neighbour.InvoicesAsync());
            await EventuallyAsync(async () => (await neighbour.UnsentMailsAsync()).Count == 0);
        }
        await EventuallyAsync(() => Task.FromResult(MailsTo(healthy).Count >= HealthyOnes * Neighbour.Customers));
        Assert.Equal(healthy.SelectMany(neighbour => neighbour.MailAddresses).Order(), MailsTo(healthy));
    }

    /// <summary>Where an operator looks.</summary>
    async Task AssertTroublesAreSeenAsync()
    {
        var parked = Texts(await untaxed.BillAsync(), "parked", "reason");
        Assert.Equal(Neighbour.Customers, parked.Count(reason => reason.Contains("telecom", StringComparison.Ordinal)));
        var held = Texts(await costly.BillAsync(), "held", "detail");
        Assert.Equal(Neighbour.Customers, held.Count(detail => detail.StartsWith("SBX200", StringComparison.Ordinal)));
        await EventuallyAsync(async () => Neighbour.Customers == (await unwanted.UnsentMailsAsync())
            .Count(sent => sent.GetProperty("detail").GetString()!.Contains("not wanted", StringComparison.Ordinal)));
        Assert.Equal(Neighbour.Customers, (await hanging.UnsentMailsAsync()).Count);
        Assert.Contains($"{Neighbour.Customers} rows cannot be read", await HealthAsync(), StringComparison.Ordinal);
    }

    async Task MendAsync(Dictionary<Guid, byte[]> passwords)
    {
        mail.GoOn();
        mail.RecipientAnswers = [];
        await ExecuteAsync($"update host.plan_version set tax_class = 'standard' where {Of(untaxed)}");
        foreach (var (subscription, password) in passwords)
            await ExecuteAsync($"update host.subscription set password = '\\x{Convert.ToHexString(password)}' where id = '{subscription}'");

        await untaxed.RetryAsync();
        foreach (var waiting in await unwanted.UnsentMailsAsync())
            await unwanted.SendAgainAsync(waiting);
        await EventuallyAsync(async () => await unreadable.PlayAsync(Provider.At(2026, 11, 2, 4)) == Neighbour.Customers);

        Neighbour[] mended = [untaxed, unwanted, hanging];
        await EventuallyAsync(() => Task.FromResult(MailsTo(mended).Count >= mended.Length * Neighbour.Customers));
        Assert.Equal(mended.SelectMany(neighbour => neighbour.MailAddresses).Order(), MailsTo(mended));
        await EventuallyAsync(async () => !(await HealthAsync()).Contains("cannot be read", StringComparison.Ordinal));
    }

    List<string> MailsTo(IReadOnlyCollection<Neighbour> neighbours)
        => [.. mail.Mails.Select(sent => Assert.Single(sent.Recipients))
            .Where(to => neighbours.Any(neighbour => to.StartsWith($"{neighbour.Code}-", StringComparison.Ordinal))).Order()];

    static List<string> Texts(JsonElement run, string list, string field)
        => [.. run.GetProperty(list).EnumerateArray().Select(item => item.GetProperty(field).GetString()!)];

    async Task<string> HealthAsync()
        => (await server.Operator.GetAsync<JsonElement>("../../health/ready", null, Stop)).GetRawText();

    static string Of(Neighbour neighbour) => $"tenant_id = (select id from host.tenant where code = '{neighbour.Code}')";

    async Task<long> CountAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    async Task ExecuteAsync(string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var patience = 600; !await holds(); patience--)
        {
            Assert.True(patience > 0, "It did not happen within minutes.");
            await Task.Delay(200, Stop);
        }
    }
}
