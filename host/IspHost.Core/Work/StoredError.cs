namespace IspHost.Core.Work;

/// <summary>What went wrong, as it is stored with the work and shown: no row grows with what somebody throws.</summary>
static class StoredError
{
    const int Longest = 2000;

    public static string Of(string message) => message.Length <= Longest ? message : message[..Longest];
}
