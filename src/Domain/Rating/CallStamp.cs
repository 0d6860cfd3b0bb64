using NodaTime;

namespace Relier.Rating;

/// <summary>
/// Reads when something happened: <c>2026-04-10T11:25:44Z</c>, with an offset, or by the wall clock of a zone
/// (<c>2026-04-10 11:25:44</c>, a fraction behind it); seconds since 1970 in 9 or 10 digits, microseconds in 15 or 16. What
/// the clock shows twice is the earlier of the two, what it never shows is as far behind the jump as it was meant to be.
/// </summary>
internal sealed class CallStamp(DateTimeZone zone)
{
    private const int SecondsOfDay = 86_400;
    private const int StampLength = 19;
    private const int OffsetMinutesMax = 18 * 60;

    // Most calls of a file lie between the same two changes of the clock; reference assignment makes it safe to share.
    private Stretch _last = new(0, 0, 0);

    /// <summary>The instant, cut to microseconds; false for what cannot be read exactly.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out Instant at)
    {
        at = default;
        if (text.Length < StampLength) return TryEpoch(text, out at);
        if (text[4] != '-' || text[7] != '-' || text[10] is not (' ' or 'T') || text[13] != ':' || text[16] != ':') return false;
        var (year, month, day) = (Digits(text[..4]), Digits(text[5..7]), Digits(text[8..10]));
        var (hour, minute, second) = (Digits(text[11..13]), Digits(text[14..16]), Digits(text[17..19]));
        if (year is < 1900 or > 2300 || month is < 1 or > 12 || day < 1 || day > CalendarSystem.Iso.GetDaysInMonth(year, month)) return false;
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59) return false;

        var rest = text[StampLength..];
        if (!TryFraction(ref rest, out var micros)) return false;
        var local = DaysTo(year, month, day) * SecondsOfDay + hour * 3600 + minute * 60 + second;
        if (rest.IsEmpty)
        {
            at = FromWallClock(local).PlusTicks(micros * 10);
            return true;
        }

        if (!TryOffset(rest, out var offset)) return false;
        at = Instant.FromUnixTimeSeconds(local - offset).PlusTicks(micros * 10);
        return true;
    }

    private static bool TryEpoch(ReadOnlySpan<char> text, out Instant at)
    {
        at = default;
        if (text.Length is not (9 or 10 or 15 or 16)) return false;
        long number = 0;
        foreach (var letter in text)
        {
            if (!char.IsAsciiDigit(letter)) return false;
            number = number * 10 + (letter - '0');
        }

        at = text.Length <= 10 ? Instant.FromUnixTimeSeconds(number) : Instant.FromUnixTimeTicks(number * 10);
        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<char> rest, out int micros)
    {
        micros = 0;
        if (rest is not ['.', ..]) return true;
        var length = 1;
        while (length < rest.Length && char.IsAsciiDigit(rest[length])) length++;
        if (length is 1 or > 10) return false;
        for (var at = 1; at <= 6; at++) micros = micros * 10 + (at < length ? rest[at] - '0' : 0);
        rest = rest[length..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out int seconds)
    {
        seconds = 0;
        if (text is "Z" or "z") return true;
        if (text is not ['+' or '-', _, _, ..] || !(text.Length is 3 or 5 || (text.Length == 6 && text[3] == ':'))) return false;
        var (hours, minutes) = (Digits(text[1..3]), text.Length == 3 ? 0 : Digits(text[^2..]));
        if (hours < 0 || minutes is < 0 or > 59 || hours * 60 + minutes > OffsetMinutesMax) return false;
        seconds = (hours * 60 + minutes) * (text[0] == '-' ? -60 : 60);
        return true;
    }

    private Instant FromWallClock(long local)
    {
        var last = _last;
        if (local >= last.From && local < last.To) return Instant.FromUnixTimeSeconds(local - last.Offset);
        var at = Instant.FromUnixTimeSeconds(local).InUtc().LocalDateTime.InZoneLeniently(zone).ToInstant();
        var interval = zone.GetZoneInterval(at);

        // A day away from both changes, what the wall clock shows was shown once.
        _last = new(
            interval.HasStart ? interval.IsoLocalStart.InUtc().ToInstant().ToUnixTimeSeconds() + SecondsOfDay : long.MinValue,
            interval.HasEnd ? interval.IsoLocalEnd.InUtc().ToInstant().ToUnixTimeSeconds() - SecondsOfDay : long.MaxValue,
            interval.WallOffset.Seconds);
        return at;
    }

    /// <summary>The number, or -1 when there is anything but digits.</summary>
    private static int Digits(ReadOnlySpan<char> text)
    {
        var number = 0;
        foreach (var letter in text)
        {
            if (!char.IsAsciiDigit(letter)) return -1;
            number = number * 10 + (letter - '0');
        }

        return number;
    }

    /// <summary>Days from 1970 to a date of the Gregorian calendar, counted in years that begin in March so that the leap day is the last.</summary>
    private static long DaysTo(int year, int month, int day)
    {
        var years = month > 2 ? year : year - 1;
        var monthsFromMarch = (month + 9) % 12;
        return 365L * years + years / 4 - years / 100 + years / 400 + (153 * monthsFromMarch + 2) / 5 + day - 1 - 719_468;
    }

    /// <summary>Between two changes of the clock, in seconds of the wall clock.</summary>
    private sealed record Stretch(long From, long To, long Offset);
}
