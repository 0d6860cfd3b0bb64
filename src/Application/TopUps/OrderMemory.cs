using NodaTime;
using Relier.Customers;

namespace Relier.TopUps;

/// <summary>
/// What the last batch of a tenant's orders left, as this process knows it. When the next batch is of the same customer, its orders are decided on that
/// and nothing is read; whether anybody has changed it since, the engine says when it writes what they leave (<see cref="OrderEntries.Assumed"/>). If so
/// they are decided again on what is read, and for some batches nothing is assumed: where several processes serve one customer, reading is the shorter way.
/// Not for use by two at once.
/// </summary>
internal sealed class OrderMemory
{
    /// <summary>Longer than between two batches of a burst, shorter than it takes to put a server in place of one whose last commits it lacks.</summary>
    private static readonly Duration KeptFor = Duration.FromSeconds(2);

    /// <summary>Batches that are read, at most, after one assumption too many was wrong.</summary>
    private const int LongestRest = 64;

    private Memory? _last;
    private int _rest;
    private int _mistakes;

    /// <summary>What can be assumed for these orders; null when they need reading. It is forgotten hereby: only what <see cref="Keep"/> is given was committed.</summary>
    public OrderFacts? Recall(IReadOnlyList<PlacedOrder> orders, LocalDate day, Instant now)
    {
        var last = _last;
        _last = null;
        if (_rest > 0)
        {
            _rest--;
            return null;
        }

        return last is not null && last.Day == day && last.At <= now && now - last.At <= KeptFor
            && orders.All(order => order.Customer == last.Customer && !order.MustHaveNoTwin) ? last.Facts : null;
    }

    /// <summary>
    /// Keeps what a batch left, once it is committed, if all of it was taken and one customer's whose phones need not be counted. Who is refused, or asks for
    /// what is there, will do so again: that is read anyway.
    /// </summary>
    public void Keep(DecidedOrders decided, LocalDate day, Instant now)
    {
        if (decided.IsAssumed) _mistakes = 0;
        if (decided.AllAreNew && decided.Left.Customers is [{ Policies.DailyLimitPerPhone: null } customer]) _last = new Memory(customer.Id, decided.Left, day, now);
    }

    /// <summary>Says that something had changed, or was there already. One batch is read, the same again; each time in a row twice as many.</summary>
    public void WasWrong()
    {
        _rest = Math.Min(1 << _mistakes, LongestRest);
        if (_rest < LongestRest) _mistakes++;
    }

    private sealed record Memory(Id<Customer> Customer, OrderFacts Facts, LocalDate Day, Instant At);
}

/// <summary>A batch of orders, decided and about to be committed.</summary>
/// <param name="Answers">The answers, in the order of the orders.</param>
/// <param name="Left">What is known of their customers from then on. No answers and no top-ups: those are for the engine to find.</param>
/// <param name="IsAssumed">Whether they were decided on what was remembered.</param>
internal sealed record DecidedOrders(IReadOnlyList<Outcome<TakenOrder>> Answers, OrderFacts Left, bool IsAssumed)
{
    /// <summary>Whether each was taken, and none before.</summary>
    public bool AllAreNew => Answers.All(answer => answer.Refusal is null && answer.Value.Job is not null);
}
