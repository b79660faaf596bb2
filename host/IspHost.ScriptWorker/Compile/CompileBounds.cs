namespace IspHost.ScriptWorker.Compile;

/// <summary>How large and how deep a source may be.</summary>
readonly record struct CompileBounds(int SourceBytes, int Nesting, int ChainLength);
