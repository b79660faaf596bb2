namespace IspHost.Scripting.Shared;

/// <summary>Sizes that reader and writer of rating items share.</summary>
static class ItemLayout
{
    /// <summary>A usage entry with empty texts: moment, offset, two lengths, seconds, gigabytes.</summary>
    public const int LeastUsageBytes = 8 + 2 + 4 + 4 + 8 + 16;
}
