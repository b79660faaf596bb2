using System.Net;
using IspHost.Server.Client;
using IspHost.Server.Commands;

namespace IspHost.Server.Tests;

public sealed class Waiting_for_long_work
{
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(null)]
    public async Task Outlasts_a_look_that_the_server_cannot_answer(HttpStatusCode? status)
    {
        var (looks, seen) = (0, new List<int>());

        var end = await WaitAsync(() => ++looks == 1 ? throw new RequestException(status, "Not now.") : looks, seen.Add);

        Assert.Equal(3, end);
        Assert.Equal([0, 0, 2], seen);
    }

    [Fact]
    public async Task Ends_with_a_look_that_is_refused()
    {
        var refused = await Assert.ThrowsAsync<RequestException>(
            () => WaitAsync(() => throw new RequestException(HttpStatusCode.NotFound, "There is none."), _ => { }));

        Assert.Equal("There is none.", refused.Message);
    }

    static Task<int> WaitAsync(Func<int> look, Action<int> seen)
        => Waiting.UntilAsync(0, () => Task.FromResult(look()), now => now == 3, seen, TestContext.Current.CancellationToken);
}
