namespace Relier;

/// <summary>
/// An expected no. The code is stable and lower_snake_case; programs decide by it. The message is for people and may
/// change. The facts are what a caller needs to act (the limit, what is available, what was allowed).
/// </summary>
/// <param name="Code">Stable, documented with the use case.</param>
/// <param name="Message">One sentence for people, without secrets or full phone numbers.</param>
public sealed record Refusal(string Code, string Message)
{
    /// <summary>What a caller needs to act on the no, by name: text, <see cref="Money"/>, or a list of text. Empty when the code says it all.</summary>
    public IReadOnlyDictionary<string, object> Facts { get; init; } = new Dictionary<string, object>();

    /// <summary>The fields that were wrong; only with <c>validation_failed</c>.</summary>
    public IReadOnlyList<FieldError> Fields { get; init; } = [];

    /// <summary>Whether this is the first answer given again.</summary>
    public bool Replayed { get; init; }

    /// <summary>The same no with one more fact.</summary>
    public Refusal With(string name, object fact) =>
        this with { Facts = new Dictionary<string, object>(Facts) { [name] = fact } };
}

/// <summary>One wrong field of a request.</summary>
/// <param name="Field">The field as the client wrote it, with a dot between levels: <c>policies.minAmount</c>.</param>
/// <param name="Code">Stable code: <c>phone_invalid</c>, <c>amount_invalid</c>, <c>required</c>.</param>
/// <param name="Message">What was expected.</param>
public sealed record FieldError(string Field, string Code, string Message);
