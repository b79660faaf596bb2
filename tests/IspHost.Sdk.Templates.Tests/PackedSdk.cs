[assembly: AssemblyFixture(typeof(IspHost.Sdk.Templates.Tests.PackedSdk))]

namespace IspHost.Sdk.Templates.Tests;

/// <summary>A machine whose author has done what the tutorial does in a clone: packed the SDK, and installed its templates.</summary>
public sealed class PackedSdk : IAsyncLifetime
{
    internal AuthorsMachine Machine { get; } = new();

    public async ValueTask InitializeAsync()
    {
        foreach (var command in Tutorial.InTheClone)
            await Machine.RunAsync(AuthorsMachine.Clone, command);
    }

    public ValueTask DisposeAsync()
    {
        Machine.Dispose();
        return ValueTask.CompletedTask;
    }
}
