using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.InMemory;

namespace Relier.Adapters.Tests.InMemory;

public sealed class FakeClockTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 11, 20, 12, 0);
    private static readonly Duration Second = Duration.FromSeconds(1);

    [Test]
    public void A_clock_stands_until_it_is_moved()
    {
        var clock = new FakeClock();

        clock.Now().Should().Be(Start);
        clock.Now().Should().Be(Start);
    }

    [Test]
    public void A_clock_moves_as_far_as_it_is_told_forwards_and_backwards()
    {
        var clock = new FakeClock();

        clock.Advance(Second * 90);
        clock.Now().Should().Be(Start + Second * 90);
        clock.Advance(-Second);
        clock.Now().Should().Be(Start + Second * 89);
        clock.Set(Start - Second);
        clock.Now().Should().Be(Start - Second);
    }

    [TestCase(15, 10)]
    [TestCase(9, 0)]
    public void A_time_is_cut_to_whole_microseconds(long ticks, long expected)
    {
        var epoch = Instant.FromUnixTimeTicks(0);

        new FakeClock(epoch + Duration.FromTicks(ticks)).Now().Should().Be(epoch + Duration.FromTicks(expected));
    }

    [Test]
    public async Task A_delay_completes_when_the_clock_reaches_its_time_and_not_a_microsecond_before()
    {
        var clock = new FakeClock();
        var delay = clock.DelayAsync(Second);

        clock.Advance(Second - Duration.FromTicks(10));
        delay.IsCompleted.Should().BeFalse();
        clock.Advance(Duration.FromTicks(10));

        delay.IsCompletedSuccessfully.Should().BeTrue();
        await delay;
        clock.Waiting.Should().Be(0);
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void No_time_is_over_at_once(int seconds) =>
        new FakeClock().DelayAsync(Second * seconds).IsCompletedSuccessfully.Should().BeTrue();

    [Test]
    public void Delays_complete_in_the_order_of_their_times_each_at_its_own()
    {
        var clock = new FakeClock();
        var seen = new List<Duration>();
        async Task WaitAsync(int seconds)
        {
            await clock.DelayAsync(Second * seconds);
            seen.Add(clock.Now() - Start);
        }

        var waiting = Task.WhenAll(WaitAsync(3), WaitAsync(1), WaitAsync(2), WaitAsync(9));
        clock.Advance(Second * 5);

        seen.Should().Equal(Second, Second * 2, Second * 3);
        waiting.IsCompleted.Should().BeFalse();
        clock.Waiting.Should().Be(1);
        clock.Now().Should().Be(Start + Second * 5);
    }

    [Test]
    public void A_loop_that_waits_again_and_again_sees_every_tick_of_one_long_move() => ShouldTickSixtyTimes(begin => begin());

    [Test]
    public void So_does_one_that_was_begun_on_another_thread() => ShouldTickSixtyTimes(begin => Task.Run(begin).Wait());

    private static void ShouldTickSixtyTimes(Action<Action> run)
    {
        var clock = new FakeClock();
        var ticks = 0;
        async Task TickAsync()
        {
            while (true)
            {
                await clock.DelayAsync(Second);
                ticks++;
            }
        }

        run(() => _ = TickAsync());
        clock.Advance(Second * 60);

        ticks.Should().Be(60);
    }

    [Test]
    public async Task A_cancelled_delay_is_over_and_forgotten()
    {
        var clock = new FakeClock();
        using var cancelling = new CancellationTokenSource();
        var delay = clock.DelayAsync(Second, cancelling.Token);

        await cancelling.CancelAsync();

        await FluentActions.Awaiting(() => delay).Should().ThrowAsync<OperationCanceledException>();
        clock.Waiting.Should().Be(0);
        await FluentActions.Awaiting(() => clock.DelayAsync(Second, cancelling.Token)).Should().ThrowAsync<OperationCanceledException>();
    }

    [Test]
    public void Moving_backwards_completes_nothing()
    {
        var clock = new FakeClock();
        var delay = clock.DelayAsync(Second);

        clock.Set(Start - Second);
        clock.Advance(Second * 1.5);

        delay.IsCompleted.Should().BeFalse("it is due a second after the start");
    }
}
