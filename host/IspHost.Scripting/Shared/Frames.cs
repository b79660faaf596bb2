namespace IspHost.Scripting.Shared;

/// <summary>What a frame between host and worker is. A frame is its length (4 bytes), its kind (1 byte) and its content.</summary>
enum FrameKind : byte
{
    /// <summary>Worker: the token it was started with, and the layers of protection that it has put on.</summary>
    Hello = 1,

    /// <summary>Host: what scripts may cost. The first frame.</summary>
    Bounds = 2,

    /// <summary>Host: a source to compile.</summary>
    Compile = 3,

    /// <summary>Worker: an image or diagnostics.</summary>
    Compiled = 4,

    /// <summary>Host: an image and the number it gets.</summary>
    Load = 5,

    /// <summary>Host: an image's number is free.</summary>
    Unload = 6,

    /// <summary>Host: items for an image.</summary>
    Batch = 7,

    /// <summary>Worker: an outcome for each of the first items, as many as its turn had time for, and what they cost.</summary>
    Outcomes = 8,
}

static class Frames
{
    public const int HeaderBytes = 5;

    /// <summary>Nobody sends more; a length beyond it is a broken peer.</summary>
    public const int LongestBytes = 16 << 20;
}

/// <summary>The members of a rating item, as bits: only those that a script names are sent.</summary>
[Flags]
enum ItemMembers : ushort
{
    None = 0,
    Quantity = 1,
    Rate = 2,
    Currency = 4,
    Account = 8,
    Period = 16,
    Plan = 32,
    Usage = 64,
    All = 127,
}

/// <summary>How one outcome is written.</summary>
enum OutcomeKind : byte
{
    Amount = 0,
    Charge = 1,
    Failed = 2,
}
