namespace Relier.Api.Http;

/// <summary>The noes that HTTP itself has; all others come from the use cases.</summary>
internal static class Refusals
{
    public static Refusal Malformed(string message) => new("malformed_request", message);

    public static Refusal TooLarge() => new("payload_too_large", $"The body is larger than {Body.MaxBytes} bytes.");

    public static Refusal Unauthenticated() => new("unauthenticated", "The credentials are missing or not valid.");

    public static Refusal NoSuchPath() => new("not_found", "There is nothing at this address.");

    public static Refusal KeyMissing() =>
        new("idempotency_key_missing", "This moves money: send an Idempotency-Key header (or, for a top-up, a reference; for a bucket, an id), so that sending it again is safe.");

    public static Refusal StorageUnavailable() => new("storage_unavailable", "The database cannot be reached now. Ask again with the same key or reference.");

    public static Refusal Internal() => new("internal_error", "Something went wrong here. It was logged under the request id.");

    public static Refusal Invalid(IReadOnlyList<FieldError> errors) =>
        new("validation_failed", $"{errors.Count} of the fields {(errors.Count == 1 ? "is" : "are")} wrong: {string.Join(", ", errors.Select(error => error.Field).Distinct())}.") { Fields = errors };

    /// <summary>The same refusal with its fields called as the request calls them.</summary>
    public static Refusal Named(this Refusal refusal, params (string Field, string Name)[] names) =>
        refusal.Code != "validation_failed" ? refusal
        : Invalid([.. refusal.Fields.Select(error => names.FirstOrDefault(name => name.Field == error.Field) is { Name: { } name } ? error with { Field = name } : error)]);

    public static Refusal Invalid(string field, string code, string message) => Invalid([new FieldError(field, code, message)]);
}
