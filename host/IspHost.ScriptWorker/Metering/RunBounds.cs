namespace IspHost.ScriptWorker.Metering;

/// <summary>What one item may cost.</summary>
readonly record struct RunBounds(long Fuel, long Bytes, int TextCharacters, int ItemMilliseconds);
