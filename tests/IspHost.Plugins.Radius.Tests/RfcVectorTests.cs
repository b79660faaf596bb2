using System.Text;
using System.Text.Json;
using IspHost.Plugins.Radius.Access;
using IspHost.Plugins.Radius.Wire;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>The examples that the RFCs print.</summary>
public sealed class RfcVectorTests
{
    static readonly Dictionary<string, JsonElement> Vectors = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "vectors", "rfc-vectors.json")))
        .RootElement.EnumerateArray().ToDictionary(vector => Text(vector, "id"));

    [Theory]
    [InlineData("RFC2865-7.1", CredentialKind.Pap)]
    [InlineData("RFC2865-7.2", CredentialKind.Chap)]
    [InlineData("RFC2865-7.3a", CredentialKind.Pap)]
    internal void Credentials_are_right_with_the_password_and_wrong_without(string id, CredentialKind kind)
    {
        var request = Parse(Octets(id, "request"));
        Assert.Equal(kind, Credentials.KindOf(request));
        Assert.True(Credentials.AreRight(request, kind, Text(id, "password"), Secret(id)));
        Assert.False(Credentials.AreRight(request, kind, Text(id, "password") + "x", Secret(id)));
    }

    [Theory]
    [InlineData("RFC2865-7.1")]
    [InlineData("RFC2865-7.2")]
    [InlineData("RFC2865-7.3a")]
    [InlineData("RFC2865-7.3b")]
    [InlineData("RFC5997-6.1")]
    public void The_response_authenticator_verifies(string id)
    {
        var response = Parse(Octets(id, "response"));
        Assert.True(Signature.IsReplyBy(response, Octets(id, "request").AsSpan(4, 16), Secret(id)));
        Assert.False(Signature.IsReplyBy(response, Octets(id, "request").AsSpan(4, 16), "other"u8));
    }

    [Fact]
    public void The_answer_to_a_status_request_of_the_accounting_port_verifies_with_the_code_that_is_meant()
    {
        var response = Octets("RFC5997-6.2", "response");
        response[0] = (byte)PacketCode.AccountingResponse;
        Assert.True(Signature.IsReplyBy(Parse(response), Octets("RFC5997-6.2", "request").AsSpan(4, 16), Secret("RFC5997-6.2")));
    }

    [Fact]
    public void A_packet_whose_attribute_runs_past_the_end_is_dropped()
    {
        Assert.False(Packet.TryParse(Octets("RFC2865-7.3b", "request"), out _, out var reason));
        Assert.Equal(DropReason.BadAttribute, reason);
    }

    [Theory]
    [InlineData("RFC5997-6.1")]
    [InlineData("RFC5997-6.2")]
    [InlineData("RFC5997-6.3")]
    public void The_message_authenticator_verifies(string id)
    {
        Assert.True(Signature.IsAccessRequestBy(Parse(Octets(id, "request")), Secret(id)));
        Assert.False(Signature.IsAccessRequestBy(Parse(Octets(id, "request")), "xyzzy5462"u8));
    }

    [Theory]
    [InlineData("RFC5176-7-user-name", AttributeType.UserName, "mchiba")]
    [InlineData("RFC5176-7-acct-session-id", AttributeType.AcctSessionId, "90234567")]
    internal void A_disconnect_request_is_read(string id, byte type, string value)
    {
        var request = Parse(Octets(id, "request"));
        Assert.Equal(PacketCode.DisconnectRequest, request.Code);
        Assert.True(request.TryFind(type, out var found));
        Assert.Equal(value, Encoding.UTF8.GetString(found));
    }

    [Fact]
    public void A_disconnect_request_names_an_address()
    {
        Assert.True(Parse(Octets("RFC5176-7-framed-ip", "request")).TryFind(AttributeType.FramedIpAddress, out var address));
        Assert.Equal("0A000203", Convert.ToHexString(address));
    }

    [Fact]
    public void Ms_chap_proves_both_sides()
    {
        const string Id = "RFC2759-9.2";
        byte[] challenge = Octets(Id, "authenticator_challenge"), peer = Octets(Id, "peer_challenge"), user = "User"u8.ToArray();
        byte[] hash = new byte[16], mixed = new byte[8], response = new byte[24], success = new byte[42];
        MsChapV2.PasswordHash(Text(Id, "password"), hash);
        MsChapV2.Mix(challenge, peer, user, mixed);
        MsChapV2.Response(challenge, peer, user, hash, response);
        MsChapV2.Success(challenge, peer, user, hash, response, success);
        Assert.Equal(Octets(Id, "password_hash"), hash);
        Assert.Equal(Octets(Id, "challenge"), mixed);
        Assert.Equal(Octets(Id, "nt_response"), response);
        Assert.Equal(Text(Id, "authenticator_response"), Encoding.ASCII.GetString(success));
    }

    [Fact]
    public void A_domain_in_front_of_the_name_is_not_hashed()
    {
        const string Id = "RFC2759-9.2";
        var mixed = new byte[8];
        MsChapV2.Mix(Octets(Id, "authenticator_challenge"), Octets(Id, "peer_challenge"), @"DOMAIN\User"u8, mixed);
        Assert.Equal(Octets(Id, "challenge"), mixed);
    }

    [Fact]
    public void The_hash_of_the_hash_is_md4_again()
    {
        var hash = new byte[16];
        Md4.Hash(Octets("RFC2759-9.2", "password_hash"), hash);
        Assert.Equal(Octets("RFC2759-9.2", "password_hash_hash"), hash);
    }

    [Fact]
    public void Des_keys_get_their_parity()
    {
        const string Id = "RFC2759-9.3";
        var hash = new byte[16];
        MsChapV2.PasswordHash(Text(Id, "password"), hash);
        Assert.Equal(Octets(Id, "password_hash"), hash);
        Assert.Equal(Text(Id, "des_key_1"), $"{Des.WithParity(hash.AsSpan(0, 7)):x16}");
        Assert.Equal(Text(Id, "des_key_2"), $"{Des.WithParity(hash.AsSpan(7, 7)):x16}");
    }

    [Theory]
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void Md4_gives_what_rfc_1320_prints(string text, string digest)
    {
        var hash = new byte[16];
        Md4.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(digest, Convert.ToHexStringLower(hash));
    }

    static Packet Parse(byte[] octets)
    {
        Assert.True(Packet.TryParse(octets, out var packet, out var reason), reason.ToString());
        return packet;
    }

    static byte[] Secret(string id) => Encoding.ASCII.GetBytes(Text(id, "secret"));

    static byte[] Octets(string id, string name) => Convert.FromHexString(Text(id, name));

    static string Text(string id, string name) => Text(Vectors[id], name);

    static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
}
