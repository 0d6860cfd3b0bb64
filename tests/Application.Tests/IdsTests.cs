using NodaTime;
using Relier.Customers;

namespace Relier.Application.Tests;

internal sealed class IdsTests
{
    [Test]
    public void Ids_sort_by_time_and_do_not_repeat()
    {
        var start = Instant.FromUtc(2026, 11, 20, 12, 0);
        var ids = Enumerable.Range(0, 1000).Select(ms => Ids.New<Customer>("cus", start + Duration.FromMilliseconds(ms)).Value).ToList();

        ids.Should().OnlyHaveUniqueItems().And.BeInAscendingOrder(StringComparer.Ordinal);
        ids.Should().OnlyContain(id => id.StartsWith("cus_") && id.Length == 30);
    }

    [Test]
    public void A_topup_id_is_RLR_milliseconds_and_eight_digits()
    {
        var now = Instant.FromUnixTimeMilliseconds(1_760_353_500_123);

        Ids.NewTopUp(now).Value.Should().MatchRegex("^RLR1760353500123[0-9]{8}$");
    }
}
