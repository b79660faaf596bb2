namespace IspHost.Core.Limits;

/// <summary>How much of the API one caller may have: the section <c>Limits</c> of the configuration.</summary>
sealed class RequestLimits
{
    /// <summary>Requests a second of one API key.</summary>
    public int PerKey { get; set; } = 500;

    /// <summary>Requests a second from one address without a key that is known.</summary>
    public int PerStranger { get; set; } = 50;

    /// <summary>How many seconds' worth may come at once.</summary>
    public int BurstSeconds { get; set; } = 5;

    /// <summary>How many expensive requests of one tenant run at the same time.</summary>
    public int Expensive { get; set; } = 2;

    /// <summary>Seconds until a request is given up.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Seconds until a request is given up that is known to take long, such as an import.</summary>
    public int LongTimeoutSeconds { get; set; } = 600;
}
