#!/usr/bin/env bash
# Npgsql.EntityFrameworkCore.PostgreSQL 10.0.3: a database that is away is no NpgsqlException.
#
# Queries, SaveChanges and even Database.OpenConnection throw InvalidOperationException with the NpgsqlException inside, for exactly
# those faults that Npgsql calls transient: away, starting up, too many connections, pool exhausted, time-out. Database.BeginTransaction
# on the same context throws the bare NpgsqlException. So a loop that catches NpgsqlException to ride out a restart ends with the first
# restart, and a catch that was tried with BeginTransaction looks right. Whoever catches InvalidOperationException catches programming
# errors too: the inner exception has to be looked at.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Npgsql.EntityFrameworkCore.PostgreSQL@10.0.3
#:property PublishAot=false
using Microsoft.EntityFrameworkCore;

await using var db = new Db();
await Try("query", () => db.Things.CountAsync());
await Try("save", async () => { db.Add(new Thing()); await db.SaveChangesAsync(); });
await Try("open", () => db.Database.OpenConnectionAsync());
await Try("begin", () => db.Database.BeginTransactionAsync());

async Task Try(string what, Func<Task> call)
{
    try { await call(); }
    catch (Exception thrown) { Console.WriteLine($"{what}: {thrown.GetType().Name} <- {thrown.InnerException?.GetType().Name}"); }
}

class Thing { public int Id { get; set; } }

class Db : DbContext
{
    public DbSet<Thing> Things => Set<Thing>();
    // Nothing listens on port 1.
    protected override void OnConfiguring(DbContextOptionsBuilder options) => options.UseNpgsql("Host=127.0.0.1;Port=1;Username=x;Database=x");
}
CS
cat > "$work/expected" <<'TXT'
query: InvalidOperationException <- NpgsqlException
save: InvalidOperationException <- NpgsqlException
open: InvalidOperationException <- NpgsqlException
begin: NpgsqlException <- SocketException
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
