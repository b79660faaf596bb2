using IspHost.Core.FeatureFlags;
using IspHost.Core.Tests.Web;
using IspHost.Sdk;
using IspHost.Sdk.Flags;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Tests.FeatureFlags;

/// <summary>Flags that are set through the API and asked as plugins ask.</summary>
static class FlagWorld
{
    /// <summary>A tenant that is the same in each run, so that draws are, too.</summary>
    public static readonly TenantId Eternal = TenantId.From(new Guid("0198c0de-0000-7000-8000-000000000001"));

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    extension(Api api)
    {
        public Flags Flags => api.Services.GetRequiredService<Flags>();

        public FlagSubject North => FlagSubject.Of(api.Id);

        public async Task SetFlagAsync(string name, string terms)
        {
            var answer = await Api.PutAsync(api.Operator, $"feature-flags/{name}", terms);
            Assert.True(answer.Status == 200, answer.Body);
        }

        public ValueTask<bool> IsOnAsync(string name, FlagSubject subject) => ((IFlags)api.Flags).IsOnAsync(name, subject, Stop);

        public ValueTask<FlagAnswer> AskFlagAsync(string name, FlagSubject subject) => api.Flags.AskAsync(name, subject, Stop);

        /// <summary>A customer whom no database knows.</summary>
        public FlagSubject Customer(int number, params string[] groups)
            => api.North with { Customer = CustomerId.From(new Guid(number, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8])), Groups = groups };

        /// <summary>A customer who is drawn in the same way in each run.</summary>
        public FlagSubject Drawn(int number, params string[] groups) => api.Customer(number, groups) with { Tenant = Eternal };

        public Task<FlagExplanation> ExplainAsync(string name, FlagSubject subject)
            => api.Flags.ExplainAsync(api.Services.GetRequiredService<FlagDefinitions>().Find(name)!, subject, Stop);

        /// <summary>Those of so many customers for whom it is on.</summary>
        public async Task<HashSet<int>> WhoHasAsync(string name, int customers, params string[] groups)
        {
            var on = new HashSet<int>();
            for (var number = 0; number < customers; number++)
            {
                if (await api.IsOnAsync(name, api.Drawn(number, groups)))
                    on.Add(number);
            }
            return on;
        }
    }
}
