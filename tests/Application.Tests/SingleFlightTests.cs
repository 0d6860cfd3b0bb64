namespace Relier.Application.Tests;

internal sealed class SingleFlightTests
{
    [Test]
    public async Task Those_who_ask_while_it_is_fetched_share_it_and_others_do_not()
    {
        var (flights, fetched, gate) = (new SingleFlight<string, int>(), 0, new TaskCompletionSource());

        var shared = Enumerable.Range(0, 50).Select(_ => flights.FetchAsync("one", FetchAsync)).ToList();
        var other = flights.FetchAsync("other", FetchAsync);
        gate.SetResult();

        (await Task.WhenAll(shared)).Should().OnlyContain(value => value == 1);
        (await other).Should().Be(2);
        (await flights.FetchAsync("one", FetchAsync)).Should().Be(3, "nothing is kept");

        async Task<int> FetchAsync()
        {
            var number = ++fetched;
            await gate.Task;
            return number;
        }
    }

    [Test]
    public async Task That_it_failed_is_shared_and_not_kept()
    {
        var (flights, gate) = (new SingleFlight<string, int>(), new TaskCompletionSource<int>());
        var shared = Enumerable.Range(0, 3).Select(_ => flights.FetchAsync("one", () => gate.Task)).ToList();

        gate.SetException(new InvalidOperationException("away"));

        foreach (var one in shared) await FluentActions.Awaiting(() => one).Should().ThrowAsync<InvalidOperationException>().WithMessage("away");
        (await flights.FetchAsync("one", () => Task.FromResult(7))).Should().Be(7);
    }
}
