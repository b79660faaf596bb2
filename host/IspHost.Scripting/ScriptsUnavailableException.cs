namespace IspHost.Scripting;

/// <summary>This machine runs no price scripts: no worker starts, or workers lack a layer of protection.</summary>
/// <remarks>The message is for the operator, in one line.</remarks>
public sealed class ScriptsUnavailableException(string message, Exception? cause = null) : IOException(message, cause)
{
    /// <summary>Another attempt would end the same way.</summary>
    internal bool IsFinal { get; init; }
}
