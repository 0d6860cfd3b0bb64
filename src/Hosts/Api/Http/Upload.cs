using Microsoft.AspNetCore.Http.Features;

namespace Relier.Api.Http;

/// <summary>Files that are sent as the body: kept on the disk while they are worked on, since they are read twice, and a million lines are no matter for the memory of a host that sells.</summary>
internal static class Upload
{
    /// <summary>The largest file that is taken over HTTP: some millions of lines. Larger ones go through a command.</summary>
    public const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>
    /// The file; it is gone when it is closed. Refusals, before anything of it is read, <c>forbidden</c>, <c>unsupported_media_type</c> for anything
    /// but <c>text/csv</c>; <c>payload_too_large</c>.
    /// </summary>
    /// <typeparam name="TUseCase">What is done with it: who may not, sends half a gigabyte to nobody.</typeparam>
    /// <param name="http">The request.</param>
    /// <param name="command">The command that takes larger ones.</param>
    public static async Task<Outcome<FileStream>> ReceiveAsync<TUseCase>(HttpContext http, string command)
    {
        if (RequiresAttribute.Forbids<TUseCase>(http.Caller()) is { } forbidden) return forbidden;
        if (!Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || !type.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase))
            return new Refusal("unsupported_media_type", "The file must be sent as text/csv.").With("supported", new[] { "text/csv" });
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBytes;
        if (http.Request.ContentLength > MaxBytes) return TooLarge(command);

        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            if (await TryCopyAsync(http.Request.Body, file, http.RequestAborted))
            {
                file.Position = 0;
                return file;
            }
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }

        await file.DisposeAsync();
        return TooLarge(command);
    }

    private static async Task<bool> TryCopyAsync(Stream body, Stream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (file.Length + read > MaxBytes) return false;
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }

        return true;
    }

    private static Refusal TooLarge(string command) => new("payload_too_large", $"The file is larger than {MaxBytes} bytes; use the command {command}.");
}
