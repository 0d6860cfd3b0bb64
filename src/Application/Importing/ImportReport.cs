using System.Collections.Immutable;

namespace Relier.Importing;

/// <summary>What an import did, or would do.</summary>
public sealed record ImportReport
{
    /// <summary>Whether anything was written.</summary>
    public required bool IsApplied { get; init; }

    /// <summary>The customers of the file, in its order, without those that cannot be taken.</summary>
    public required ImmutableArray<ImportedCustomer> Customers { get; init; }

    /// <summary>Lines of the customers' file that cannot be taken.</summary>
    public required long CustomersNotTaken { get; init; }

    /// <summary>Keys that were issued, or would be.</summary>
    public required long Keys { get; init; }

    /// <summary>Lines of the transactions' file by what becomes of them, each currency for itself; only those there are.</summary>
    public required ImmutableArray<ImportedTopUps> TopUps { get; init; }

    /// <summary>Lines of the files that are only checked: adjustments of balances and billing records.</summary>
    public required ImmutableArray<CheckedFile> Checked { get; init; }

    /// <summary>Amounts that were finer than the minor unit and were rounded, half-up.</summary>
    public required ImmutableArray<RoundedAmounts> Rounded { get; init; }

    /// <summary>Columns that nobody reads, as <c>customers.csv: notes</c>.</summary>
    public required ImmutableArray<string> UnreadColumns { get; init; }

    /// <summary>Sum of the opening balances of new customers, in dollars.</summary>
    public Money Opening => Customers.Where(customer => customer.IsNew).Aggregate(Money.Zero(Currency.USD), (sum, customer) => sum + customer.Opening);

    /// <summary>Lines that cannot be taken, and top-ups that nobody knows the outcome of: what people must look at.</summary>
    public long ForPeople => CustomersNotTaken + TopUps.Where(total => total.Fate is ImportFate.NotTaken or ImportFate.Undecided).Sum(total => total.Count) + Checked.Sum(file => file.Wrong);
}

/// <summary>A customer of the other system.</summary>
/// <param name="OldId">Their id there.</param>
/// <param name="NewId">Their id here; null while nothing is written.</param>
/// <param name="Name">Their name.</param>
/// <param name="Channel">The segment of their own paths; null while nothing is written.</param>
/// <param name="Opening">Their balance as the export says it.</param>
/// <param name="IsActive">Whether they were served.</param>
/// <param name="IsNew">Whether they came with this import; false for one who was there.</param>
public sealed record ImportedCustomer(string OldId, string? NewId, string Name, string? Channel, Money Opening, bool IsActive, bool IsNew);

/// <summary>Lines of the past that share their fate.</summary>
/// <param name="Fate">What became of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Face">Sum of the face values; null where they could not be read.</param>
/// <param name="Charge">Sum of the charges; null where none was recorded.</param>
public sealed record ImportedTopUps(ImportFate Fate, long Count, Money? Face, Money? Charge);

/// <summary>A file that is read to be checked and not kept: what it tells of is in the balances.</summary>
/// <param name="File">Which.</param>
/// <param name="Lines">How many lines.</param>
/// <param name="Wrong">Lines that cannot be read or do not add up.</param>
/// <param name="Sum">Sum of the amounts of the lines that were read, in dollars.</param>
public sealed record CheckedFile(string File, long Lines, long Wrong, Money Sum);

/// <summary>Amounts of one column that were rounded.</summary>
/// <param name="File">Where.</param>
/// <param name="Column">Of which column.</param>
/// <param name="Currency">In which currency.</param>
/// <param name="Count">How many.</param>
/// <param name="Difference">What rounding added (positive) or took away, exactly, in major units.</param>
public sealed record RoundedAmounts(string File, string Column, Currency Currency, long Count, decimal Difference);

/// <summary>What becomes of a line of the past.</summary>
public enum ImportFate
{
    /// <summary>New here: delivered and charged there.</summary>
    Succeeded,

    /// <summary>New here: not delivered there.</summary>
    Failed,

    /// <summary>New here, or here already, and still not known there: for people to find out.</summary>
    Undecided,

    /// <summary>Here as undecided, and now known.</summary>
    Decided,

    /// <summary>Here already, as it is.</summary>
    Known,

    /// <summary>It cannot be taken; a remark says why.</summary>
    NotTaken,
}

/// <summary>The fates in words.</summary>
public static class ImportFates
{
    /// <summary>The word of a fate.</summary>
    public static string Word(ImportFate fate) => fate switch
    {
        ImportFate.Succeeded => "succeeded",
        ImportFate.Failed => "failed",
        ImportFate.Undecided => "undecided",
        ImportFate.Decided => "decided",
        ImportFate.Known => "known",
        ImportFate.NotTaken => "not_taken",
        _ => throw new ArgumentOutOfRangeException(nameof(fate), fate, "Not a fate this version knows."),
    };
}

/// <summary>Something to know about a line.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">The line it begins at, from 1: the header is line 1.</param>
/// <param name="Column">The column; null for the whole line.</param>
/// <param name="Code">Stable word for what is the matter.</param>
/// <param name="Message">For people, without secrets and full phone numbers.</param>
/// <param name="IsTaken">Whether the line is taken all the same.</param>
public sealed record ImportRemark(string File, long Line, string? Column, string Code, string Message, bool IsTaken);
