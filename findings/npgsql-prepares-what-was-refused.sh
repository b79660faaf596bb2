#!/usr/bin/env bash
# Npgsql 10.0.3 with PostgreSQL 15: one refused value makes the next user of the same statement fail.
#
# With Max Auto Prepare, Npgsql prepares a statement in the execution in which it has been used often enough (five times, by default). If
# PostgreSQL refuses a value in that very execution while it plans, such as 6 / 0, it has accepted the statement and not yet said what
# it returns; Npgsql takes it for prepared all the same. The next execution, with a right value, fails with "Received unexpected backend
# message DataRow", and the connection with it. Who suffers is another request than the one that was wrong, and only now and then. What
# fails later, while it is executed, such as a unique key, does no harm. NpgsqlConnection.UnprepareAll after a data exception (SQLSTATE
# class 22) keeps others from it.
set -euo pipefail
work=$(mktemp -d)
bin=$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
as() { if ((EUID == 0)); then chown -R postgres "$work/db"; su postgres -c "$*"; else bash -c "$*"; fi; }
# The server may not have started: then there is nothing to stop, and why has been said.
stop() { as "$bin/pg_ctl -D $work/db/data -m immediate stop" >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
mkdir "$work/db" && chmod 755 "$work"
as "$bin/initdb -D $work/db/data -A trust -U me" >/dev/null
as "$bin/pg_ctl -D $work/db/data -o '-k $work/db -h \"\"' -l $work/db/log -w start" >/dev/null

cat > "$work/try.cs" <<'CS'
#:package Npgsql@10.0.3
#:property PublishAot=false
using Npgsql;

foreach (var (what, prepared, refused) in new[] { ("not prepared", 0, 5), ("refused before", 9, 4), ("refused while", 9, 5), ("refused after", 9, 6) })
{
    await using var source = NpgsqlDataSource.Create($"Host={args[0]};Username=me;Database=postgres;Max Auto Prepare={prepared};Maximum Pool Size=1");
    var seen = new List<string>();
    for (var use = 1; use <= 8; use++)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("select 6 / @by", connection) { Parameters = { new() { ParameterName = "by", Value = use == refused ? 0 : 1 } } };
        try { seen.Add($"{await command.ExecuteScalarAsync()}"); }
        catch (PostgresException thrown) { seen.Add(thrown.SqlState); }
        catch (Exception thrown) { seen.Add(thrown.Message); }
    }
    Console.WriteLine($"{what}: {string.Join(", ", seen)}");
}
CS
cat > "$work/expected" <<'TXT'
not prepared: 6, 6, 6, 6, 22012, 6, 6, 6
refused before: 6, 6, 6, 22012, 6, 6, 6, 6
refused while: 6, 6, 6, 6, 22012, Received unexpected backend message DataRow. Please file a bug., 6, 6
refused after: 6, 6, 6, 6, 6, 22012, 6, 6
TXT

cd "$work"
dotnet run try.cs "$work/db" 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
