using System.CommandLine;
using System.Globalization;
using IspHost.Core.Secrets;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary><c>vault</c>: the keys that secrets are encrypted with.</summary>
static class VaultCommand
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    const int LongestStandstill = 20;

    public static Command Create() => new("vault", "The keys that secrets are encrypted with.") { Status(), Rotate(), RemoveKey() };

    static Command Status()
    {
        var command = new Command("status", "Lists the keys and how much each has encrypted.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var keys = await KeysAsync(api, stop);
            Output.Write(parsed, keys, Output.Table(
                ["KEY", "CURRENT", "IN USE"],
                keys.Select(key => (IReadOnlyList<string>)
                    [$"{key.Number}", key.IsCurrent ? "yes" : "", key.InUse.ToString(CultureInfo.InvariantCulture)])));
        });
        return command;
    }

    static Command Rotate()
    {
        var command = new Command(
            "rotate", "Makes a new key current and encrypts everything with it, while servers go on.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var made = await api.PostAsync<NewVaultKeyView>("vault/keys", null, body: null, stop);
            var left = await WaitAsync(api, stop);
            Output.Write(parsed, new { key = made.Number, left }, left == 0
                ? $"Key {made.Number} is current, and nothing uses an older one."
                : $"Key {made.Number} is current; {Wording.Count(left, "secret")} {(left == 1 ? "is" : "are")} still encrypted "
                    + "with older ones: the server's log says why.");
        });
        return command;
    }

    static Command RemoveKey()
    {
        var number = new Argument<int>("key") { Description = "The number of a key that nothing uses any more.", HelpName = "NUMBER" };
        var command = new Command("remove-key", "Takes an old key away, if nothing uses it.") { number }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            await api.DeleteAsync($"vault/keys/{parsed.GetValue(number)}", null, stop);
            Output.Write(parsed, new { removed = parsed.GetValue(number) },
                $"Key {parsed.GetValue(number)} is not needed any more. If keys are in a file, take its line out.");
        });
        return command;
    }

    /// <summary>Waits until the older keys are not used, or nothing has moved for ten seconds.</summary>
    static async Task<long> WaitAsync(ApiClient api, CancellationToken stop)
    {
        var (left, still) = (long.MaxValue, 0);
        while (true)
        {
            var now = (await KeysAsync(api, stop)).Where(key => !key.IsCurrent).Sum(key => key.InUse);
            still = now < left ? 0 : still + 1;
            left = now;
            if (left == 0 || still == LongestStandstill)
                return left;
            await Task.Delay(Pause, stop);
        }
    }

    static Task<List<VaultKeyView>> KeysAsync(ApiClient api, CancellationToken stop)
        => api.ListAsync<VaultKeyView>("vault/keys", null, stop);
}
