namespace IspHost.ScriptWorker.Metering;

/// <summary>What one item may cost, and how long a batch may keep the worker.</summary>
readonly record struct RunBounds(long Fuel, long Bytes, int TextCharacters, int ItemMilliseconds, int TurnMilliseconds);
