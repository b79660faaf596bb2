using System.Net;
using System.Text.Json;
using IspHost.Server.Client;

namespace IspHost.Server.Tests;

public sealed class Naming_a_tenant(ServerFixture server)
{
    [Fact]
    public async Task That_does_not_exist_is_one_clear_line_and_exit_code_1_on_the_command_line()
    {
        var (code, output, errors) = await ProgramUnderTest.RunAsync("nas", "list", "--tenant", "nobody", "--data", server.Data);
        Assert.Equal((1, "", "isphost: There is no tenant 'nobody'."), (code, output, errors.Trim()));
    }

    [Fact]
    public async Task That_does_not_exist_is_not_found()
    {
        var refused = await Assert.ThrowsAsync<RequestException>(
            () => server.Operator.GetAsync<JsonElement>("nas", "nobody", TestContext.Current.CancellationToken));
        Assert.Equal((HttpStatusCode.NotFound, "There is no tenant 'nobody'."), (refused.Status, refused.Message));
    }

    [Fact]
    public async Task Is_what_an_operator_must_do_where_one_is_needed()
    {
        var refused = await Assert.ThrowsAsync<RequestException>(
            () => server.Operator.GetAsync<JsonElement>("nas", null, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        Assert.Contains("header Tenant", refused.Message, StringComparison.Ordinal);
    }
}
