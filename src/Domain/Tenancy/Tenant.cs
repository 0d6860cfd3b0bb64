using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace Relier.Tenancy;

/// <summary>
/// One seller and all that is theirs. Every row belongs to exactly one tenant and is invisible to every other. 1 to 32
/// lower-case letters, digits and hyphens, beginning with a letter or digit. A <c>default</c> one throws on use.
/// </summary>
public readonly record struct TenantId
{
    private readonly string? _value;

    private TenantId(string value) => _value = value;

    /// <summary>The text of the id.</summary>
    public string Value => _value ?? throw new InvalidOperationException("This tenant id was never set.");

    /// <summary>The id with this text. Throws <see cref="FormatException"/> with the text when it cannot be one.</summary>
    public static TenantId Parse(string value) =>
        TryParse(value, out var id)
            ? id
            : throw new FormatException($"'{value}' is not a tenant id; expected 1 to 32 of a-z, 0-9 and -.");

    /// <summary>Like <see cref="Parse"/>, with the answer as a value.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out TenantId id)
    {
        var valid = value is { Length: > 0 and <= 32 } && value[0] != '-'
            && value.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');
        id = valid ? new TenantId(value!) : default;
        return valid;
    }

    /// <summary>The text of the id.</summary>
    public override string ToString() => _value ?? "";
}

/// <summary>A seller who runs on this installation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Zone">The zone of its calendar: daily limits, schedules and analytics count days in it.</param>
/// <param name="CreatedAt">When it came.</param>
public sealed record Tenant(TenantId Id, string Name, DateTimeZone Zone, Instant CreatedAt)
{
    /// <summary>The calendar day that this instant is for the tenant.</summary>
    public LocalDate DayOf(Instant instant) => instant.InZone(Zone).Date;
}
