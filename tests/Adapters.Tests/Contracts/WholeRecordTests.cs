using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using FluentAssertions;
using NodaTime;
using NUnit.Framework;
using Relier.Contracts;
using Relier.Customers;
using Relier.Ledger;
using Relier.Rating;
using Relier.TopUps;

namespace Relier.Adapters.Tests.Contracts;

/// <summary>That the comparison behind every contract bites: a change of any member of any record is noticed.</summary>
public sealed class WholeRecordTests
{
    private static readonly ImmutableDictionary<string, object> Records = FullRecords.All();

    public static IEnumerable<TestCaseData> Members =>
        from record in Records
        from member in WholeRecord.MembersOf(record.Value.GetType())
        orderby record.Key, member.Name
        select new TestCaseData(record.Value, member).SetArgDisplayNames(record.Key, member.Name);

    [TestCaseSource(nameof(Members))]
    public void A_change_of_any_member_is_noticed(object record, PropertyInfo member)
    {
        var changed = Clone(record);
        member.SetValue(changed, Changed(member.GetValue(record), member.PropertyType));

        var comparing = () => changed.ShouldWhollyBe(record);

        comparing.Should().Throw<Exception>();
    }

    [TestCaseSource(nameof(Members))]
    public void A_full_record_has_something_in_every_member(object record, PropertyInfo member)
    {
        // What a record of this kind rightly never has at the same time as the rest.
        string[] apart = ["TopUp.Rejection", "AuditEntry.After", "Refusal.Replayed", "Job.IsDead", "StatementLine.Reason", "Call.Reason", "PlanVersion.RetiredAt", "DeckVersion.RetiredAt"];
        if (apart.Contains($"{record.GetType().Name}.{member.Name}")) return;

        var value = member.GetValue(record);

        value.Should().NotBeNull();
        if (value is System.Collections.IEnumerable list) list.Cast<object>().Should().NotBeEmpty();
    }

    [Test]
    public void The_same_values_in_other_lists_are_the_same()
    {
        var topUp = FullRecords.Later(FullRecords.TopUpOf(A.Customer()));
        var again = topUp with { Attempts = [.. topUp.Attempts], Evidence = [.. topUp.Evidence] };

        again.ShouldWhollyBe(topUp);
        again.Should().NotBe(topUp, "which is why records are not compared by their own equality");
    }

    [Test]
    public void The_order_of_lists_counts_and_the_order_of_facts_does_not()
    {
        var journal = FullRecords.JournalOn(A.WalletOf(A.Customer()));
        var turned = () => (journal with { Postings = [.. journal.Postings.Reverse()] }).ShouldWhollyBe(journal);
        var refusal = new Refusal("code", "message").With("a", "1").With("b", "2");

        turned.Should().Throw<Exception>();
        new Refusal("code", "message").With("b", "2").With("a", "1").ShouldWhollyBe(refusal);
    }

    [Test]
    public void A_fact_that_became_text_is_noticed()
    {
        var refusal = new Refusal("code", "message").With("amount", A.Pesos(20));

        var comparing = () => new Refusal("code", "message").With("amount", "20.00 MXN").ShouldWhollyBe(refusal);

        comparing.Should().Throw<Exception>();
    }

    [Test]
    public void Nothing_and_an_empty_text_are_not_the_same()
    {
        var comparing = () => "".ShouldWhollyBe(null);

        comparing.Should().Throw<Exception>();
    }

    [Test]
    public void A_type_it_was_not_taught_is_refused_rather_than_left_out()
    {
        var describing = () => WholeRecord.Describe(new object());

        describing.Should().Throw<NotSupportedException>();
    }

    private static object Clone(object record) =>
        record.GetType().GetMethod("<Clone>$") is { } clone ? clone.Invoke(record, null)! : throw new NotSupportedException($"{record.GetType()} is no record.");

    /// <summary>Another value of the same type.</summary>
    private static object? Changed(object? value, Type type) => value switch
    {
        null => Nullable.GetUnderlyingType(type) is { } inner ? Any(inner) : Any(type),
        string text => text + "x",
        bool flag => !flag,
        int number => number + 1,
        long number => number + 1,
        decimal number => number + 1,
        NumberPlan => NumberPlan.Mexico,
        Instant instant => instant + Duration.FromTicks(10),
        LocalDate date => date.PlusDays(1),
        YearMonth month => month.PlusMonths(1),
        DateTimeZone => DateTimeZone.Utc,
        Money money => Money.FromMicros(money.Micros + 1, money.Currency),
        Ratio ratio => Ratio.Of(ratio.Value + 0.000000001m),
        Currency currency => Currency.All.First(other => other != currency),
        Msisdn => Msisdn.Parse("5598765678"), // the same last four digits
        AccountCode code => AccountCode.Parse(code + "x"),
        Enum => Enum.GetValues(value.GetType()).Cast<object>().First(other => !other.Equals(value)),
        IReadOnlyDictionary<string, object> facts => facts.Skip(1).ToDictionary(),
        ImmutableArray<Money> list => list.RemoveAt(0),
        ImmutableArray<Attempt> list => list.RemoveAt(1),
        ImmutableArray<Evidence> list => list.RemoveAt(1),
        ImmutableArray<Posting> list => list.RemoveAt(1),
        ImmutableArray<ClassTotal> list => list.RemoveAt(1),
        ImmutableArray<WalkResult> list => list.RemoveAt(1),
        ImmutableArray<IPNetwork> list => list.RemoveAt(1),
        ImmutableArray<CalendarBand> list => list.RemoveAt(1),
        ImmutableArray<Allowance> list => list.RemoveAt(1),
        ImmutableArray<Id<RatePlan>> list => list.RemoveAt(1),
        ImmutableArray<PlanAssignment> list => list.RemoveAt(1),
        ImmutableArray<SessionBucket> list => list.RemoveAt(1),
        ImmutableSortedDictionary<string, Money> prices => prices.Remove(prices.Keys.First()),
        ImmutableSortedDictionary<string, long> limits => limits.Remove(limits.Keys.First()),
        IReadOnlyList<DeckEntry> list => list.Skip(1).ToList(),
        IReadOnlyDictionary<string, UsageRate> rates => rates.Skip(1).ToDictionary(),
        LineRef line => line with { Value = line.Value + "x" },
        IReadOnlyList<string> list => list.Skip(1).ToList(),
        IReadOnlyList<FieldError> list => list.Skip(1).ToList(),
        _ when value.GetType() is { IsValueType: true } id && id.GetMethod("Parse", [typeof(string)]) is { } parse => parse.Invoke(null, [value + "x"]),
        _ when WholeRecord.MembersOf(value.GetType()) is [var first, ..] => ChangedRecord(value, first),
        _ => throw new NotSupportedException($"How does a {value.GetType()} change?"),
    };

    private static object ChangedRecord(object record, PropertyInfo member)
    {
        var changed = Clone(record);
        member.SetValue(changed, Changed(member.GetValue(record), member.PropertyType));
        return changed;
    }

    private static object Any(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(Refusal) ? FullRecords.Refusal
        : type == typeof(Money) ? A.Pesos(1)
        : type == typeof(Instant) ? A.Noon
        : type == typeof(long) ? 1L
        : type == typeof(UnratedReason) ? UnratedReason.NoPlan
        : throw new NotSupportedException($"What is any {type}?");
}
