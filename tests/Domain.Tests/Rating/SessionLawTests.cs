using Relier.Rating;
using static Relier.Domain.Tests.Rating.ATariff;
using static Relier.Domain.Tests.Rating.SessionBooks;

namespace Relier.Domain.Tests.Rating;

/// <summary>What holds for every tariff, account and way to slice a call.</summary>
public sealed class SessionLawTests
{
    public sealed record Case(UsageRate Rate, decimal Money, long[] Buckets, (int Call, long Used, long Requested)[] Messages);

    private static readonly Gen<UsageRate> AnyRate =
        from increment in Gen.Elements(1L, 6, 30, 60)
        from later in Gen.Elements(1L, 6, 60)
        from price in Gen.Choose(0, 3_000)
        from laterPrice in Gen.Choose(0, 3_000)
        from steps in Gen.Choose(0, 5)
        from fee in Gen.Choose(0, 300)
        from min in Gen.Choose(0, 300)
        from max in Gen.Choose(0, 9_000)
        from grace in Gen.Elements(0L, 0, 5)
        from scale in Gen.Choose(0, 6)
        from cap in Gen.Elements(Enum.GetValues<CapStrategy>())
        select new UsageRate
        {
            ConnectFee = UnitPrice.Of(fee < 100 ? 0 : fee / 1000m),
            Tiers = steps == 0 ? [Tier(0, price / 1000m, 60, increment)] : [Tier(0, price / 1000m, 60, increment), Tier(steps * increment, laterPrice / 1000m, 7, later)],
            MinCharge = min < 200 ? null : UnitPrice.Of(min / 1000m), MaxCharge = max < 6_000 ? null : UnitPrice.Of(max / 1000m), Cap = cap, GraceSeconds = grace, Rounding = new(Rounding.HalfUp, scale),
        };

    private static readonly Gen<Case> Cases =
        from rate in AnyRate
        from money in Gen.Choose(-100, 3_000)
        from buckets in Gen.Choose(0, 400).Select(left => (long)left).ArrayOf(2)
        from messages in (from call in Gen.Choose(0, 2)
                          from used in Gen.Choose(0, 200)
                          from requested in Gen.Choose(0, 300)
                          select (call, (long)used, (long)requested)).ArrayOf(12)
        select new Case(rate, money / 100m, buckets, messages);

    [Test]
    public void However_a_call_is_sliced_it_costs_the_same_as_in_one_piece() => Law.Holds(Cases, one =>
    {
        var (sliced, whole) = (Books(one), Books(one));
        if (sliced.Create(300).IsRefused(out _, out var session)) return;
        var used = 0L;
        foreach (var message in one.Messages) session = sliced.Update(session, used += message.Used, message.Requested);
        session = sliced.Release(session, used);

        var piece = whole.Release(whole.Create(300).Value, used);

        session.Charged.Should().Be(piece.Charged);
        sliced.Facts.Wallet.Posted.Should().Be(whole.Facts.Wallet.Posted);
        sliced.Facts.Buckets.Select(bucket => (bucket.Content.Left, bucket.Reserved)).Should().Equal(whole.Facts.Buckets.Select(bucket => (bucket.Content.Left, 0m)));
        sliced.Calls.Single().Rating?.Lines.Sum(line => line.Exact).Should().Be(session.Charged.ToDecimal());
    });

    [Test]
    public void What_is_set_aside_is_never_more_than_there_was_and_the_books_add_up_at_every_step() => Law.Holds(Cases, one =>
    {
        var (books, sessions) = (Books(one), new UsageSession?[3]);
        foreach (var (call, used, requested) in one.Messages)
        {
            var before = books.Facts.Wallet;
            if (sessions[call] is not { } session)
            {
                if (requested == 0 || books.Create(requested, $"{call}").IsRefused(out _, out var created)) continue;
                sessions[call] = created;
            }
            else if (session.State == SessionState.Open)
                sessions[call] = used % 5 == 0 ? books.Release(session, session.Used + used) : used % 7 == 0 ? books.Expire(session) : books.Update(session, session.Used + used, requested);

            var after = sessions[call]!;
            var charged = before.Posted - books.Facts.Wallet.Posted;
            (after.Held.IsZero || books.Available >= 0).Should().BeTrue("nothing is set aside that is not there");
            charged.IsNegative.Should().BeFalse();
            books.ShouldAddUp([.. sessions.OfType<UsageSession>()]);
            (Rupees(one.Money) - books.Facts.Wallet.Posted).Should().Be(Rupees(sessions.OfType<UsageSession>().Sum(each => each.Charged.ToDecimal())));
        }
    });

    private static SessionBooks Books(Case one) => new(one.Rate, one.Money, buckets: [.. one.Buckets.Select((left, place) => SecondsBucket($"b{place}", left, place))]);
}
