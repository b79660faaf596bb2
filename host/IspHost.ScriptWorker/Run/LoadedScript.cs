using System.Reflection;
using System.Runtime.Loader;
using IspHost.Scripting.Shared;
using IspHost.ScriptWorker.Compile;
using IspHost.Sdk.Rating;

namespace IspHost.ScriptWorker.Run;

/// <summary>An image in a context of its own, which goes with it.</summary>
sealed class LoadedScript : IDisposable
{
    readonly AssemblyLoadContext context = new("script", isCollectible: true);

    public LoadedScript(ReadOnlySpan<byte> image)
    {
        if (!ImageFile.TryRead(image, out var members, out var assembly))
            throw new InvalidDataException("Not an image of a script.");
        Members = members;
        using var stream = new MemoryStream(assembly.ToArray());
        var entry = context.LoadFromStream(stream)
            .GetType(ScriptProgram.TypeName, throwOnError: true)!
            .GetMethod(ScriptProgram.EntryName, BindingFlags.Public | BindingFlags.Static)!;
        Price = entry.CreateDelegate<Func<RatingItem, Charge>>();
    }

    public Func<RatingItem, Charge> Price { get; }

    public ItemMembers Members { get; }

    public void Dispose() => context.Unload();
}
