using System.Text.Json;
using System.Text.Unicode;

namespace Relier.Cli.Commands;

/// <summary>The files that commands are given. What cannot be opened, made or read is refused in words, as <c>validation_failed</c>.</summary>
internal static class CommandFile
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>A file that is read.</summary>
    public static Outcome<FileStream> Open(FileInfo file)
    {
        if (!file.Exists) return Missing(file.ToString());
        try
        {
            return file.OpenRead();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Wrong("file", "file_invalid", $"{file} cannot be read: {problem.Message}");
        }
    }

    /// <summary>A file that is written, from its beginning. Open what the command reads first: what was there is gone, and one of those must not be.</summary>
    /// <param name="file">The file.</param>
    /// <param name="inputs">What the command reads.</param>
    public static Outcome<StreamWriter> Create(FileInfo file, params FileInfo[] inputs)
    {
        if (inputs.Any(input => input.FullName == file.FullName)) return Wrong("out", "invalid", $"{file} is what is read; it is never written over");
        try
        {
            return new StreamWriter(file.Create());
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Wrong("out", "invalid", $"{file} cannot be written: {problem.Message}");
        }
    }

    /// <summary>A file of JSON, as the API would take it as a body.</summary>
    public static Outcome<JsonElement> ReadJson(FileInfo file)
    {
        if (!file.Exists) return Missing(file.ToString());
        try
        {
            var bytes = File.ReadAllBytes(file.FullName).AsMemory();
            if (bytes.Span.StartsWith(Mark)) bytes = bytes[Mark.Length..];
            return Utf8.IsValid(bytes.Span) ? Parse(options => JsonDocument.Parse(bytes, options)) : Wrong("file", "file_invalid", "not valid UTF-8");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return Wrong("file", "file_invalid", $"{file} cannot be read: {problem.Message}");
        }
    }

    /// <summary>JSON that is piped in.</summary>
    public static Outcome<JsonElement> ReadJson(TextReader piped)
    {
        var text = piped.ReadToEnd();
        return Parse(options => JsonDocument.Parse(text, options));
    }

    private static Outcome<JsonElement> Parse(Func<JsonDocumentOptions, JsonDocument> parse)
    {
        try
        {
            using var document = parse(new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            return Wrong("file", "file_invalid", $"not valid JSON: {error.Message}");
        }
        catch (InvalidOperationException)
        {
            return Wrong("file", "file_invalid", "the name of a member is broken text");
        }
    }

    private static Refusal Missing(string file) => Wrong("file", "required", $"there is no file {file}");

    private static Refusal Wrong(string field, string code, string message) => new("validation_failed", message) { Fields = [new FieldError(field, code, message)] };
}
