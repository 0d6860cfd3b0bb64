using System.Diagnostics.CodeAnalysis;

namespace Relier;

/// <summary>What was asked for, or the <see cref="Relier.Refusal"/> that says why not. Never both, never neither.</summary>
public sealed class Outcome<T> : IOutcome
    where T : notnull
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    /// <summary>Why not; null when it succeeded.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What was asked for. Throws <see cref="InvalidOperationException"/> with the refusal when there is none.</summary>
    public T Value =>
        Refusal is null
            ? _value!
            : throw new InvalidOperationException($"There is no {typeof(T).Name}: {Refusal.Code}. {Refusal.Message}");

    /// <summary>Whether it is a refusal, and which; otherwise the value.</summary>
    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [NotNullWhen(false)] out T? value)
    {
        refusal = Refusal;
        value = _value;
        return refusal is not null;
    }

    /// <summary>The same outcome with the value turned into something else.</summary>
    public Outcome<TOther> Then<TOther>(Func<T, TOther> turn)
        where TOther : notnull => Refusal is null ? turn(_value!) : Refusal;

    internal static Outcome<T> Of(T value) => new(value ?? throw new ArgumentNullException(nameof(value)), null);

    /// <summary>A value is an outcome.</summary>
    public static implicit operator Outcome<T>(T value) => Of(value);

    /// <summary>A refusal is an outcome.</summary>
    public static implicit operator Outcome<T>(Refusal refusal) =>
        new(default, refusal ?? throw new ArgumentNullException(nameof(refusal)));

    /// <inheritdoc/>
    public override string ToString() => Refusal is null ? $"{_value}" : $"refused: {Refusal.Code}";
}

/// <summary>An outcome, whatever its value would be.</summary>
public interface IOutcome
{
    /// <summary>Why not; null when it succeeded.</summary>
    Refusal? Refusal { get; }
}

/// <summary>Making outcomes where the compiler does not convert by itself.</summary>
public static class Outcome
{
    /// <summary>The outcome that is this value; for interfaces, which have no conversions.</summary>
    public static Outcome<T> Of<T>(T value)
        where T : notnull => Outcome<T>.Of(value);
}
