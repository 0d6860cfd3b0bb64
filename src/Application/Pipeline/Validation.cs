using System.Text.RegularExpressions;
using FluentValidation;
using NodaTime;
using NodaTime.Text;
using Relier.TopUps;

namespace Relier.Pipeline;

/// <summary>The words and rules that validators share.</summary>
internal static partial class Validation
{
    /// <summary>Longest text that is kept as given: names, notes.</summary>
    public const int MaxText = 200;

    /// <summary>The most, in major units, that one request may name: beyond any real one, and far enough from what Money holds that sums of them fit.</summary>
    public const decimal MaxAmount = 1_000_000_000m;

    /// <summary>Longest reference, as in the first version's column.</summary>
    public const int MaxReference = 100;

    public static Refusal Failed(IReadOnlyList<FieldError> errors) =>
        new("validation_failed", $"{errors.Count} of the fields {(errors.Count == 1 ? "is" : "are")} wrong: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };

    public static IRuleBuilderOptions<T, string?> IsGiven<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => !string.IsNullOrWhiteSpace(text)).WithErrorCode("required").WithMessage("is required");

    /// <summary>Printable text of at most so many characters, or nothing. Control characters, NUL among them, and broken surrogates are refused.</summary>
    public static IRuleBuilderOptions<T, string?> IsText<T>(this IRuleBuilder<T, string?> rule, int max = MaxText) =>
        rule.Must(text => text is null || (text.Length <= max && !text.Any(char.IsControl) && IsWellFormed(text)))
            .WithErrorCode("text_invalid").WithMessage($"expected at most {max} printable characters");

    public static IRuleBuilderOptions<T, string?> IsReference<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || (text.Trim().Length > 0 && text.Length <= MaxReference && !text.Any(char.IsControl) && IsWellFormed(text)))
            .WithErrorCode("reference_invalid").WithMessage($"expected 1 to {MaxReference} printable characters");

    public static IRuleBuilderOptions<T, string?> IsPhone<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => Msisdn.TryParse(text, out _))
            .WithErrorCode("phone_invalid").WithMessage("expected a Mexican number: ten digits, with +52 in front or without");

    public static IRuleBuilderOptions<T, string?> IsPositiveAmount<T>(this IRuleBuilder<T, string?> rule, Func<T, string?> currency) =>
        rule.Must((owner, text) => text is null || (Read(text, currency(owner)) is { IsPositive: true, IsWhole: true }))
            .WithErrorCode("amount_invalid").WithMessage("expected a positive decimal of at most 1000000000, not finer than the currency's minor unit, as in 20.00");

    public static IRuleBuilderOptions<T, string?> IsAmountOrZero<T>(this IRuleBuilder<T, string?> rule, Func<T, string?> currency) =>
        rule.Must((owner, text) => text is null || Read(text, currency(owner)) is { IsNegative: false, IsWhole: true })
            .WithErrorCode("amount_invalid").WithMessage("expected a decimal between 0 and 1000000000, not finer than the currency's minor unit, as in 50.00");

    public static IRuleBuilderOptions<T, string?> IsCurrency<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || Currency.TryParse(text, out _))
            .WithErrorCode("currency_invalid").WithMessage($"expected one of {string.Join(", ", Currency.All)}");

    public static IRuleBuilderOptions<T, string?> IsIdOf<T, TThing>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || Id<TThing>.TryParse(text, out _))
            .WithErrorCode("id_invalid").WithMessage("expected 1 to 64 letters, digits, _ or -");

    public static IRuleBuilderOptions<T, string?> IsIdempotencyKey<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || KeyShape().IsMatch(text))
            .WithErrorCode("idempotency_key_invalid").WithMessage("expected 1 to 255 printable ASCII characters without blanks");

    public static IRuleBuilderOptions<T, string?> IsInstant<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || TryReadInstant(text, out _))
            .WithErrorCode("time_invalid").WithMessage("expected a time in UTC, as in 2026-11-20T00:00:00Z");

    /// <summary>Reads RFC 3339 with any offset; a date alone is its midnight in UTC.</summary>
    public static bool TryReadInstant(string text, out Instant instant)
    {
        var time = OffsetDateTimePattern.Rfc3339.Parse(text);
        var date = LocalDatePattern.Iso.Parse(text);
        // The last hours of the year 9999 are beyond all instants in some zones, so that year is nobody's.
        var known = time.Success ? time.Value.Year is > 0 and < 9999 : date.Success && date.Value.Year is > 0 and < 9999;
        instant = !known ? default : time.Success ? time.Value.ToInstant() : date.Value.AtMidnight().InUtc().ToInstant();
        // What every engine can store: whole microseconds.
        instant = Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);
        return known;
    }

    public static Instant? ReadInstant(string? text) => text is not null && TryReadInstant(text, out var instant) ? instant : null;

    private static Money? Read(string text, string? currency) =>
        Currency.TryParse(currency, out var known) ? ReadAmount(text, known) : null;

    /// <summary>An amount of at most <see cref="MaxAmount"/> either way; null for anything else.</summary>
    public static Money? ReadAmount(string text, Currency currency) =>
        Money.TryParse(text, currency, out var money) && Math.Abs(money.ToDecimal()) <= MaxAmount ? money : null;

    /// <summary>No control characters, NUL among them, and no broken surrogates.</summary>
    public static bool IsPrintable(string text) => !text.Any(char.IsControl) && IsWellFormed(text);

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) return false;
            i++;
        }

        return true;
    }

    [GeneratedRegex(@"^[\x21-\x7E]{1,255}\z")]
    private static partial Regex KeyShape();
}

/// <summary>Property names as clients write them.</summary>
internal static class FieldNames
{
    /// <summary><c>Policies.MinAmount</c> becomes <c>policies.minAmount</c>.</summary>
    public static string Camel(string path) =>
        string.Join('.', path.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
}
