namespace IspHost.ScriptWorker.Metering;

/// <summary>A limit of the running script tripped. Scripts cannot catch: the rules refuse <c>try</c>.</summary>
sealed class ScriptStopped(string code, string reason) : Exception(reason)
{
    public const string Fuel = "SBX200", Memory = "SBX201", Stack = "SBX202", Time = "SBX203", Result = "SBX204", Threw = "SBX205";

    public string Code { get; } = code;
}
