namespace Relier.EntityFramework;

/// <summary>The account of a customer. Available is posted plus credit limit less held. Accounts of the house have no row: they are the sum of their postings.</summary>
[RelierTable("relier_account", nameof(TenantId), nameof(Id))]
public sealed record AccountRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Whose money it is.</summary>
    public required string CustomerId { get; init; }

    /// <summary>Its currency: <c>USD</c>.</summary>
    public required string Currency { get; init; }

    /// <summary>How far below zero available may not go. In millionths of the major unit.</summary>
    public required long CreditLimitMicros { get; init; }

    /// <summary>How far below zero available may not go. Not for use in queries.</summary>
    public decimal CreditLimit => RelierUnits.Amount(CreditLimitMicros);

    /// <summary>The sum of its postings. In millionths of the major unit.</summary>
    public required long PostedMicros { get; init; }

    /// <summary>The sum of its postings. Not for use in queries.</summary>
    public decimal Posted => RelierUnits.Amount(PostedMicros);

    /// <summary>The sum of its open holds. In millionths of the major unit.</summary>
    public required long HeldMicros { get; init; }

    /// <summary>The sum of its open holds. Not for use in queries.</summary>
    public decimal Held => RelierUnits.Amount(HeldMicros);

    /// <summary>How many postings it has.</summary>
    public required long Entries { get; init; }

    /// <summary>When it was opened. In microseconds since 1970 UTC.</summary>
    public required long OpenedAtMicros { get; init; }

    /// <summary>When it was opened. Not for use in queries.</summary>
    public DateTimeOffset OpenedAt => RelierUnits.Time(OpenedAtMicros);

    /// <summary>Grows by one at each change, from 1.</summary>
    public required long Version { get; init; }
}

/// <summary>Money set aside.</summary>
[RelierTable("relier_hold", nameof(TenantId), nameof(Subject))]
public sealed record HoldRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>What for: the id of a top-up.</summary>
    public required string Subject { get; init; }

    /// <summary>From which account.</summary>
    public required string AccountId { get; init; }

    /// <summary>How much. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>How much. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary><c>open</c>, <c>captured</c> or <c>released</c>.</summary>
    public required string State { get; init; }

    /// <summary>When it was set aside. In microseconds since 1970 UTC.</summary>
    public required long OpenedAtMicros { get; init; }

    /// <summary>When it was set aside. Not for use in queries.</summary>
    public DateTimeOffset OpenedAt => RelierUnits.Time(OpenedAtMicros);

    /// <summary>When it was captured or released; null while open. In microseconds since 1970 UTC.</summary>
    public long? EndedAtMicros { get; init; }

    /// <summary>When it was captured or released; null while open. Not for use in queries.</summary>
    public DateTimeOffset? EndedAt => RelierUnits.Time(EndedAtMicros);
}

/// <summary>One event in the books; its postings sum to zero in each currency. Never changed.</summary>
[RelierTable("relier_journal", nameof(TenantId), nameof(Id))]
public sealed record JournalRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was written. In microseconds since 1970 UTC.</summary>
    public required long WrittenAtMicros { get; init; }

    /// <summary>When it was written. Not for use in queries.</summary>
    public DateTimeOffset WrittenAt => RelierUnits.Time(WrittenAtMicros);

    /// <summary>What happened: <c>topup_captured</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>To what.</summary>
    public required string Subject { get; init; }

    /// <summary>Why, where people say so.</summary>
    public string? Reason { get; init; }
}

/// <summary>One line of a journal: credits are positive, debits negative. Never changed.</summary>
[RelierTable("relier_posting", nameof(TenantId), nameof(JournalId), nameof(No))]
public sealed record PostingRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>Its journal.</summary>
    public required string JournalId { get; init; }

    /// <summary>Its place in the journal, from 1.</summary>
    public required long No { get; init; }

    /// <summary>The account, of a customer or of the house.</summary>
    public required string Account { get; init; }

    /// <summary>The signed amount. In millionths of the major unit.</summary>
    public required long AmountMicros { get; init; }

    /// <summary>The signed amount. Not for use in queries.</summary>
    public decimal Amount => RelierUnits.Amount(AmountMicros);

    /// <summary>Its currency.</summary>
    public required string Currency { get; init; }

    /// <summary>The balance of the account after it; only on a customer's account. In millionths of the major unit.</summary>
    public long? BalanceMicros { get; init; }

    /// <summary>The balance of the account after it; only on a customer's account. Not for use in queries.</summary>
    public decimal? Balance => RelierUnits.Amount(BalanceMicros);

    /// <summary>Which posting of its account it is, from 1; only on a customer's account.</summary>
    public long? Entry { get; init; }

    /// <summary>When it was written. In microseconds since 1970 UTC.</summary>
    public required long WrittenAtMicros { get; init; }

    /// <summary>When it was written. Not for use in queries.</summary>
    public DateTimeOffset WrittenAt => RelierUnits.Time(WrittenAtMicros);
}

/// <summary>A rate of exchange: one unit of the base is so many of the quote.</summary>
[RelierTable("relier_exchange_rate", nameof(TenantId), nameof(Base), nameof(Quote), nameof(AsOfMicros))]
public sealed record ExchangeRateRow
{
    /// <summary>Whose it is.</summary>
    public required string TenantId { get; init; }

    /// <summary>The currency that one unit is of.</summary>
    public required string Base { get; init; }

    /// <summary>The currency that it is told in.</summary>
    public required string Quote { get; init; }

    /// <summary>From when it holds. In microseconds since 1970 UTC.</summary>
    public required long AsOfMicros { get; init; }

    /// <summary>From when it holds. Not for use in queries.</summary>
    public DateTimeOffset AsOf => RelierUnits.Time(AsOfMicros);

    /// <summary>The rate. In billionths.</summary>
    public required long RateBillionths { get; init; }

    /// <summary>The rate. Not for use in queries.</summary>
    public decimal Rate => RelierUnits.Ratio(RateBillionths);

    /// <summary>Who says so.</summary>
    public required string Source { get; init; }
}
