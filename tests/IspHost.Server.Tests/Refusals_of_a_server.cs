using System.Net;
using System.Text;
using IspHost.Server.Client;

namespace IspHost.Server.Tests;

public sealed class Refusals_of_a_server
{
    [Theory]
    [InlineData("""{ "detail": "There is none." }""", "There is none.")]
    [InlineData("""{ "detail": "name must be short.", "errors": { "name": "must be short" } }""", "name must be short.")]
    [InlineData("""{ "detail": "zone: There is none.", "errors": { "zone": ["There is none."] } }""", "zone: There is none.")]
    [InlineData("""{ "detail": "Bad.", "errors": { "a": ["one", "two"], "b": "three" } }""", "Bad.", "a: one", "a: two", "b: three")]
    [InlineData("""{ "detail": "First\nsecond" }""", "First second")]
    [InlineData("""[ "no document" ]""", "400 Bad Request")]
    [InlineData("<html>", "400 Bad Request")]
    public async Task Are_a_line_and_the_fields_that_it_does_not_name(string body, string line, params string[] fields)
    {
        var refusal = await OfAsync(HttpStatusCode.BadRequest, body);

        Assert.Equal(line, refusal.Text);
        Assert.Equal(fields, refusal.Fields);
    }

    [Fact]
    public async Task Name_the_trace_when_the_fault_is_the_servers()
    {
        var refusal = await OfAsync(HttpStatusCode.InternalServerError, """{ "detail": "It failed.", "trace_id": "4bf9" }""");

        Assert.Equal("It failed. (trace 4bf9)", refusal.Text);
    }

    static async Task<Refusal> OfAsync(HttpStatusCode status, string body)
    {
        using var response = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        return await Refusal.OfAsync(response, TestContext.Current.CancellationToken);
    }
}
