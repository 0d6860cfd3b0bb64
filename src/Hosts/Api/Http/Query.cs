using System.Globalization;

namespace Relier.Api.Http;

/// <summary>The parameters behind the question mark. A list with a misspelt filter would be a list of too much, so an unknown one is refused.</summary>
internal static class Query
{
    /// <summary>The first parameter that the endpoint does not know, or that is there twice.</summary>
    public static Refusal? Wrong(HttpContext http, IReadOnlyCollection<QueryParameter> known)
    {
        foreach (var (name, values) in http.Request.Query)
        {
            if (known.All(parameter => parameter.Name != name))
                return new Refusal("unknown_parameter", $"There is no parameter '{Shown(name)}' here{(known.Count == 0 ? "" : "; expected " + string.Join(", ", known.Select(parameter => parameter.Name)))}.")
                    .With("parameter", Shown(name));
            if (values.Count != 1)
                return new Refusal("unknown_parameter", $"The parameter '{name}' is there {values.Count} times.").With("parameter", name);
        }

        return null;
    }

    /// <summary>A parameter; null when it is absent.</summary>
    public static string? Text(this HttpRequest request, string name) => request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>The <c>limit</c>; what is no number becomes one that the use case refuses by its name.</summary>
    public static int Limit(this HttpRequest request) =>
        request.Text("limit") is not { } text ? Storage.PageRequest.DefaultLimit
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit
        : 0;

    private static string Shown(string name) => new([.. name.Take(64).Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
}

/// <summary>A parameter behind the question mark.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Example">One that works.</param>
internal sealed record QueryParameter(string Name, string Description, string? Example = null)
{
    public static QueryParameter[] Paging { get; } =
    [
        new("limit", "How many, 1 to 100. Default 25.", "25"),
        new("cursor", "Where to go on: next_cursor of the answer before, with the same filters."),
    ];

    public static QueryParameter[] Period { get; } =
    [
        new("from", "At this time or later: RFC 3339, or a date for its midnight in UTC.", "2026-11-01T00:00:00Z"),
        new("to", "Before this time.", "2026-12-01T00:00:00Z"),
    ];
}
