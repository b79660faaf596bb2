using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting;

/// <summary>What came of a source.</summary>
public abstract record ScriptVerdict
{
    ScriptVerdict() { }

    /// <summary>The script can run.</summary>
    public sealed record Accepted(ScriptImage Image) : ScriptVerdict;

    /// <summary>The script is refused, for these reasons, in the order of the source; at most 20.</summary>
    public sealed record Rejected(IReadOnlyList<ScriptDiagnostic> Diagnostics) : ScriptVerdict;

    /// <summary>The tenant has as many sources waiting as it may; the script was not looked at.</summary>
    /// <param name="RetryAfter">When one of them will have been looked at.</param>
    public sealed record OverShare(TimeSpan RetryAfter) : ScriptVerdict;

    /// <summary>The machine could not do it now; nothing is said about the script.</summary>
    /// <param name="Why">For the author, in English.</param>
    public sealed record Later(string Why) : ScriptVerdict;
}

/// <summary>Why a script is refused.</summary>
/// <param name="Code"><c>SBX...</c> for a rule of the platform, <c>CS...</c> for an error of the C# compiler.</param>
/// <param name="Line">In the script's source, from 1.</param>
/// <param name="Column">In the script's source, from 1.</param>
/// <param name="Text">For the author, in English.</param>
public sealed record ScriptDiagnostic(string Code, int Line, int Column, string Text);

/// <summary>A compiled script: to be stored by its hash, and run as often as wanted.</summary>
public sealed record ScriptImage
{
    /// <summary>The rules that images are made by now. An image of other rules is compiled again from its source.</summary>
    public static string CurrentRules { get; } = ReadRules();

    /// <summary>SHA-256 of the source in UTF-8, in lower-case hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The compiled script. The same source and rules give the same bytes.</summary>
    public required ImmutableArray<byte> Bytes { get; init; }

    /// <summary>The rules that made it: see <see cref="CurrentRules"/>.</summary>
    public required string Rules { get; init; }

    /// <summary>The hash that a source's image has.</summary>
    public static string HashOf(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));

    /// <summary>A number that goes up with the compiler or the rewriting, and the digest of both lists.</summary>
    static string ReadRules()
    {
        var lists = ApiList.Text("api.txt") + ApiList.Text("compiler.txt");
        return $"1-{HashOf(lists)[..12]}";
    }
}
