using FluentValidation;
using NodaTime;
using Relier.Identity;
using Relier.Pipeline;

namespace Relier.Importing;

/// <summary>
/// Takes over customers, keys, balances and history from exports of the first version's tables. Without
/// <see cref="Apply"/> it only says what would happen. What has come before is recognised: run again, also after a crash, it
/// adds what is missing and nothing twice. A customer comes whole in one transaction (wallet, opening balance, key); the
/// history comes in short ones. Lines that cannot be taken are left out, and each is remarked on. Refusals, in the order in
/// which they win: <c>validation_failed</c>, <c>import_unreadable</c> (file, line, column), <c>forbidden</c> (keys that may
/// more than the caller). After one of them nothing has changed.
/// </summary>
/// <param name="Customers">The table <c>customers</c>, as CSV with a header. Like all the files it is read more than once, so it must be able to seek.</param>
[Requires(Permission.Import)]
public sealed record ImportFirstVersion(ImportFile Customers) : IUseCase<ImportReport>
{
    /// <summary>The table <c>transactions</c>; null for no history.</summary>
    public ImportFile? Transactions { get; init; }

    /// <summary>The table <c>balance_adjustments</c>: checked, not kept.</summary>
    public ImportFile? Adjustments { get; init; }

    /// <summary>The table <c>billing_records</c>: checked, not kept.</summary>
    public ImportFile? BillingRecords { get; init; }

    /// <summary>Whether anything is written.</summary>
    public bool Apply { get; init; }

    /// <summary>
    /// Keeps the secret of a new key, which is shown this once. Called before the key is written, so that none is ever lost;
    /// after a crash, or beside another import, it may be told of one that opens nothing. Needed with <see cref="Apply"/>.
    /// </summary>
    public Func<ImportedSecret, CancellationToken, Task>? KeepSecret { get; init; }

    /// <summary>Whether the commission of a customer becomes what they keep of each top-up. In the first version it was part of invoices and of no price.</summary>
    public bool WithCommissions { get; init; }

    /// <summary>How far below zero customers may go, by their old ids: <c>7=500.00</c> (dollars). Nobody else may.</summary>
    public IReadOnlyList<string> CreditLimits { get; init; } = [];

    /// <summary>The zone of times without an offset. Default UTC.</summary>
    public string? Zone { get; init; }

    /// <summary>Told of every line that cannot be taken, and of what to know about others, in the order of the files. May be told again of a line when its transaction was run again.</summary>
    public Action<ImportRemark>? Remark { get; init; }
}

/// <summary>A file of an export.</summary>
/// <param name="Name">What it is called, for people.</param>
/// <param name="Content">What is in it; left open.</param>
public sealed record ImportFile(string Name, Stream Content);

/// <summary>The secret of a key of somebody who came from another system.</summary>
/// <param name="OldId">Who, there.</param>
/// <param name="Key">The key, as it will be kept.</param>
/// <param name="Secret">The secret.</param>
public sealed record ImportedSecret(string OldId, ApiKey Key, string Secret);

internal sealed class ImportFirstVersionRules : AbstractValidator<ImportFirstVersion>
{
    public ImportFirstVersionRules()
    {
        RuleFor(import => import.Customers).Must(IsReadable).WithErrorCode("required").WithMessage("expected a file that can be read twice");
        RuleFor(import => import.Transactions).Must(file => file is null || IsReadable(file)).WithErrorCode("required").WithMessage("expected a file that can be read twice");
        RuleFor(import => import.Adjustments).Must(file => file is null || IsReadable(file)).WithErrorCode("required").WithMessage("expected a file that can be read twice");
        RuleFor(import => import.BillingRecords).Must(file => file is null || IsReadable(file)).WithErrorCode("required").WithMessage("expected a file that can be read twice");
        RuleFor(import => import.KeepSecret).Must((import, keep) => keep is not null || !import.Apply).WithErrorCode("required").WithMessage("new keys are shown once; say where their secrets go");
        RuleFor(import => import.Zone).Must(zone => zone is null || DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is not null)
            .WithErrorCode("zone_invalid").WithMessage("expected a zone, as in America/Mexico_City");
        RuleFor(import => import.CreditLimits).Must(limits => limits.All(limit => LimitOf(limit) is not null) && limits.Select(limit => LimitOf(limit)!.Value.OldId).Distinct().Count() == limits.Count)
            .WithErrorCode("credit_limit_invalid").WithMessage("expected each customer once with an amount of dollars, as in 7=500.00");
    }

    /// <summary>Whose limit, and what; null for anything else.</summary>
    public static (string OldId, Money Limit)? LimitOf(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && Validation.ReadAmount(text[(at + 1)..], Currency.USD) is { IsNegative: false, IsWhole: true } limit ? (text[..at], limit) : null;
    }

    private static bool IsReadable(ImportFile? file) => file is { Content: { CanRead: true, CanSeek: true } };
}

internal sealed class ImportFirstVersionHandler(FirstVersionImport import, Caller caller) : Handler<ImportFirstVersion, ImportReport>
{
    protected override async Task<Outcome<ImportReport>> HandleAsync(ImportFirstVersion asked, CancellationToken cancellationToken)
    {
        if (KeyMaking.Beyond(caller, Permission.OfCustomers) is { } beyond) return beyond;
        try
        {
            return await import.RunAsync(asked, caller, cancellationToken);
        }
        catch (UnreadableExportException wrong)
        {
            return wrong.ToRefusal();
        }
    }
}
