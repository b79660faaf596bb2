namespace IspHost.Plugins.Radius.Wire;

/// <summary>The numbers of the attributes used here.</summary>
static class AttributeType
{
    public const byte UserName = 1;
    public const byte UserPassword = 2;
    public const byte ChapPassword = 3;
    public const byte NasIpAddress = 4;
    public const byte FramedIpAddress = 8;
    public const byte State = 24;
    public const byte Class = 25;
    public const byte VendorSpecific = 26;
    public const byte CallingStationId = 31;
    public const byte NasIdentifier = 32;
    public const byte ProxyState = 33;
    public const byte AcctStatusType = 40;
    public const byte AcctDelayTime = 41;
    public const byte AcctInputOctets = 42;
    public const byte AcctOutputOctets = 43;
    public const byte AcctSessionId = 44;
    public const byte AcctSessionTime = 46;
    public const byte AcctTerminateCause = 49;
    public const byte AcctInputGigawords = 52;
    public const byte AcctOutputGigawords = 53;
    public const byte EventTimestamp = 55;
    public const byte ChapChallenge = 60;
    public const byte EapMessage = 79;
    public const byte MessageAuthenticator = 80;
    public const byte AcctInterimInterval = 85;
    public const byte NasPortId = 87;
    public const byte FramedIpv6Prefix = 97;
    public const byte ErrorCause = 101;
    public const byte DelegatedIpv6Prefix = 123;
}
