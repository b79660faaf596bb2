using System.Collections.Concurrent;
using IspHost.Sdk.Flags;

namespace IspHost.Sdk.Testing;

/// <summary>Flags that a test sets, for everybody or for whom it says.</summary>
public sealed class InMemoryFlags : IFlags
{
    readonly ConcurrentDictionary<string, Func<FlagSubject, FlagAnswer>> all = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sets a flag for everybody.</summary>
    public void Set(string flag, FlagAnswer answer) => all[flag] = _ => answer;

    /// <summary>Sets a flag for those for whom the rule holds.</summary>
    public void Set(string flag, Func<FlagSubject, bool> isOn) => all[flag] = subject => new FlagAnswer { IsOn = isOn(subject) };

    /// <inheritdoc/>
    public ValueTask<FlagAnswer> AskAsync(string flag, FlagSubject subject, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(all.TryGetValue(flag, out var answer) ? answer(subject) : FlagAnswer.Off);
    }
}
